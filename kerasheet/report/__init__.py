"""What a run became, as a page to read."""

from kerasheet.report.cost import LayerCost, layer_costs, multiply_adds
from kerasheet.report.page import write_report

__all__ = ["LayerCost", "layer_costs", "multiply_adds", "write_report"]
