"""What every request passes, and the server that takes it in."""
