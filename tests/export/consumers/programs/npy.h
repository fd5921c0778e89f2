/* Arrays as NumPy's .npy files, in C order. */
#ifndef NPY_H
#define NPY_H

#include <stddef.h>
#include <stdint.h>

#define NPY_MAX_DIMS 8

typedef struct {
  char kind;                   /* 'f', 'i', 'u', or 'S' for bytes of fixed length */
  size_t item_size;            /* bytes */
  int num_dims;
  int64_t dims[NPY_MAX_DIMS];
  size_t count;                /* items */
  char* data;                  /* to be freed */
} Npy;

/* Both return 0, or -1 where the file cannot be read or written. */
int npy_read(const char* path, Npy* array);
int npy_write(const char* path, const Npy* array);

#endif
