"""What the table of names says besides what can be measured: reasons for what is other, and for what is not here."""

INTERNAL = {
    "agentops.instrumentation": "patches other libraries; plugins observe them here",
}
NOTES: dict[str, str] = {}
