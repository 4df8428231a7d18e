"""What becomes of a running server when its database, or it itself, is killed, stopped, frozen or locked."""
