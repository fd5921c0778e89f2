"""A model for MLServer, which puts requests together by itself."""

import onnxruntime
from mlserver import MLModel
from mlserver.codecs import NumpyCodec
from mlserver.types import InferenceRequest, InferenceResponse


class Images(MLModel):
    """Answers in the Open Inference Protocol."""

    async def load(self) -> bool:
        """Open the model."""
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        path = self.settings.parameters.uri
        self._session = onnxruntime.InferenceSession(path, options)
        self._names = [output.name for output in self._session.get_outputs()]
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        """Every output."""
        images = NumpyCodec.decode_input(payload.inputs[0])
        arrays = self._session.run(None, {"images": images})
        outputs = [
            NumpyCodec.encode_output(name, array)
            for name, array in zip(self._names, arrays, strict=True)
        ]
        return InferenceResponse(model_name=self.name, outputs=outputs)
