#include "tensors.h"

#include <stdlib.h>
#include <string.h>

/* NumPy pads bytes with zeros at the end; zeros inside belong to them. */
static size_t used_bytes(const char* item, size_t size) {
  while (size && !item[size - 1]) size--;
  return size;
}

/* Strings are an array of handles in the tensor, each of which owns its bytes. */
static void copy_strings(const Npy* array, TF_TString* strings) {
  for (size_t i = 0; i < array->count; i++) {
    const char* item = array->data + i * array->item_size;
    TF_StringInit(&strings[i]);
    TF_StringCopy(&strings[i], item, used_bytes(item, array->item_size));
  }
}

static TF_DataType type_of(const Npy* array) {
  switch (array->kind) {
    case 'S': return TF_STRING;
    case 'f': return TF_FLOAT;
    case 'u': return TF_UINT8;
    default: return TF_INT32;
  }
}

TF_Tensor* to_tensor(const Npy* array) {
  TF_DataType type = type_of(array);
  int text = type == TF_STRING;
  size_t bytes = array->count * (text ? sizeof(TF_TString) : array->item_size);
  TF_Tensor* tensor = TF_AllocateTensor(type, array->dims, array->num_dims, bytes);
  if (text)
    copy_strings(array, TF_TensorData(tensor));
  else
    memcpy(TF_TensorData(tensor), array->data, bytes);
  return tensor;
}

static void from_strings(const TF_TString* strings, Npy* array) {
  array->item_size = 1;
  for (size_t i = 0; i < array->count; i++)
    if (TF_StringGetSize(&strings[i]) > array->item_size)
      array->item_size = TF_StringGetSize(&strings[i]);
  array->data = calloc(array->count + 1, array->item_size);
  for (size_t i = 0; i < array->count; i++)
    memcpy(array->data + i * array->item_size, TF_StringGetDataPointer(&strings[i]),
           TF_StringGetSize(&strings[i]));
}

Npy from_tensor(const TF_Tensor* tensor) {
  TF_DataType type = TF_TensorType(tensor);
  Npy array = {.kind = type == TF_STRING ? 'S' : type == TF_FLOAT ? 'f' : 'i'};
  array.num_dims = TF_NumDims(tensor);
  array.count = (size_t)TF_TensorElementCount(tensor);
  for (int i = 0; i < array.num_dims; i++) array.dims[i] = TF_Dim(tensor, i);
  if (type == TF_STRING) {
    from_strings(TF_TensorData(tensor), &array);
    return array;
  }
  array.item_size = TF_DataTypeSize(type);
  array.data = malloc(TF_TensorByteSize(tensor) + 1);
  memcpy(array.data, TF_TensorData(tensor), TF_TensorByteSize(tensor));
  return array;
}
