"""MLServer, computing requests in batches.

mlserver_app.py MODEL_FILE PORT
"""

import asyncio
import sys

from mlserver import MLServer
from mlserver.settings import ModelParameters, ModelSettings, Settings
from mlserver_model import Images

PATH, PORT = sys.argv[1:]


async def main():
    """Serve the model, in this process: with two cores, workers made it slower."""
    settings = Settings(
        debug=False,
        host="127.0.0.1",
        http_port=int(PORT),
        grpc_port=int(PORT) + 1,
        metrics_port=int(PORT) + 2,
        parallel_workers=0,
        load_models_at_startup=False,
        gzip_enabled=False,
    )
    server = MLServer(settings)
    model = ModelSettings(
        name="lenet",
        implementation=Images,
        max_batch_size=16,
        max_batch_time=0.01,
        parameters=ModelParameters(uri=PATH),
    )
    await server.start([model])


if __name__ == "__main__":
    asyncio.run(main())
