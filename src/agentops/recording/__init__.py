"""The hot path: spans, the recorder that counts them and the journal that keeps them."""
