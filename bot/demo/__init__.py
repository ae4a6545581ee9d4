"""Everything shown without Discord and without a GPU: simulated Discord, stand-in ComfyUI, playground."""
