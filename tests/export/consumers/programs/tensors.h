/* TensorFlow's tensors to and from arrays of NumPy's. */
#ifndef TENSORS_H
#define TENSORS_H

#include "npy.h"
#include "tensorflow/c/c_api.h"

TF_Tensor* to_tensor(const Npy* array);

/* Allocates the data of the array. */
Npy from_tensor(const TF_Tensor* tensor);

#endif
