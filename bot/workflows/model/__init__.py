"""The values of a workflow: parameters, problems, approvals."""
