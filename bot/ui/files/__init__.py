"""Files on their way in and out: attached, decoded in another process, made smaller."""
