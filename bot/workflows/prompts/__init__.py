"""What the words of a prompt come to: choices, wildcards, LoRAs, writing systems."""
