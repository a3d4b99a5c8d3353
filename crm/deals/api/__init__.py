"""The API of deals and of the pipelines that they go through."""

from crm.deals.api.deals import router as deals
from crm.deals.api.pipelines import router as pipelines

__all__ = ["deals", "pipelines"]
