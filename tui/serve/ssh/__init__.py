"""The door for SSH clients, with nothing behind it but the desk: no shell, no files, no forwarding."""
