"""A stand-in ComfyUI: speaks the protocol over a real socket and paints pictures without any model."""

from bot.demo.comfyui.faults import FaultAction, Faults, Frame, HttpFault, garbled, unreliable
from bot.demo.comfyui.server import StandIn

__all__ = ["FaultAction", "Faults", "Frame", "HttpFault", "StandIn", "garbled", "unreliable"]
