"""Workflows as data: what lies in the folder, what may be filled in, and the graph that results."""

from bot.workflows.binding.bind import BindLimits, Bound, bind, draw_seed
from bot.workflows.binding.size import ASPECTS
from bot.workflows.discovery.discover import Discovery, discover
from bot.workflows.graph.files import near_misses, offered_files
from bot.workflows.graph.graph import Graph, GraphError, check_graph, consumers, node_title, read_graph
from bot.workflows.graph.schema import InputSchema, NodeSchema, ObjectInfo
from bot.workflows.library.assemble import assemble
from bot.workflows.library.choosing import Pick
from bot.workflows.library.explain import explain, explain_with_manifest, explain_workflow, starting_manifest
from bot.workflows.library.library import Library
from bot.workflows.library.lint import lint
from bot.workflows.library.manifest import Manifest, ManifestFile, read_manifest
from bot.workflows.model.parameter import AUTO, Choice, Parameter, ParameterType
from bot.workflows.model.problem import Severity, WorkflowProblem
from bot.workflows.model.values import DRAWN_SEED_MAXIMUM, SEED_MAXIMUM, LocalText, Value
from bot.workflows.model.workflow import ASPECT, LimitOverrides, OutputNode, Workflow, WorkflowKind
from bot.workflows.prompts.loras import Lora, parse_loras
from bot.workflows.safety.approval_file import ApprovalFile, approvals_in

__all__ = [
    "ASPECT",
    "ASPECTS",
    "AUTO",
    "DRAWN_SEED_MAXIMUM",
    "SEED_MAXIMUM",
    "ApprovalFile",
    "BindLimits",
    "Bound",
    "Choice",
    "Discovery",
    "Graph",
    "GraphError",
    "InputSchema",
    "Library",
    "LimitOverrides",
    "LocalText",
    "Lora",
    "Manifest",
    "ManifestFile",
    "NodeSchema",
    "ObjectInfo",
    "OutputNode",
    "Parameter",
    "ParameterType",
    "Pick",
    "Severity",
    "Value",
    "Workflow",
    "WorkflowKind",
    "WorkflowProblem",
    "approvals_in",
    "assemble",
    "bind",
    "check_graph",
    "consumers",
    "discover",
    "draw_seed",
    "explain",
    "explain_with_manifest",
    "explain_workflow",
    "lint",
    "near_misses",
    "node_title",
    "offered_files",
    "parse_loras",
    "read_graph",
    "read_manifest",
    "starting_manifest",
]
