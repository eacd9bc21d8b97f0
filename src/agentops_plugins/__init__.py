"""One file for each observed library; every one of them uses nothing but the public plugin contract."""
