"""A Discord bot through which a community makes pictures, videos and sounds on its own ComfyUI."""
