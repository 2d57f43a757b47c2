"""The browser's door: a page of ours around a terminal, and a WebSocket to the same sessions that SSH has."""
