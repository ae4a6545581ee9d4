"""From a command, a form or a button to a submitted job."""
