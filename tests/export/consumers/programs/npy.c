#include "npy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PREFIX = 10, ALIGNMENT = 64, MAX_HEADER = 512 };

static int parse_header(const char* header, Npy* array) {
  const char* type = strstr(header, "'descr': '");
  const char* shape = strstr(header, "'shape': (");
  if (!type || !shape || !strstr(header, "'fortran_order': False")) return -1;
  if (sscanf(type, "'descr': '%*c%c%zu", &array->kind, &array->item_size) != 2) return -1;
  array->num_dims = 0;
  array->count = 1;
  char* at = (char*)shape + strlen("'shape': (");
  while (*at != ')' && array->num_dims < NPY_MAX_DIMS) {
    int64_t size = strtoll(at, &at, 10);
    array->dims[array->num_dims++] = size;
    array->count *= (size_t)size;
    at += strspn(at, ", ");
  }
  return *at == ')' ? 0 : -1;
}

static int read_open(FILE* file, Npy* array) {
  unsigned char prefix[PREFIX];
  if (fread(prefix, 1, PREFIX, file) != PREFIX) return -1;
  size_t length = prefix[8] + 256u * prefix[9];
  char header[MAX_HEADER] = {0};
  if (length >= sizeof header || fread(header, 1, length, file) != length) return -1;
  if (parse_header(header, array)) return -1;
  size_t bytes = array->count * array->item_size;
  array->data = malloc(bytes ? bytes : 1);
  if (array->data && fread(array->data, 1, bytes, file) == bytes) return 0;
  free(array->data);
  return -1;
}

int npy_read(const char* path, Npy* array) {
  FILE* file = fopen(path, "rb");
  if (!file) return -1;
  int failed = read_open(file, array);
  fclose(file);
  return failed;
}

static size_t write_header(char* header, const Npy* array) {
  const char* order = array->kind == 'S' ? "|" : "<";
  int used = snprintf(header, MAX_HEADER,
                      "{'descr': '%s%c%zu', 'fortran_order': False, 'shape': (", order,
                      array->kind, array->item_size);
  for (int i = 0; i < array->num_dims; i++)
    used += snprintf(header + used, MAX_HEADER - (size_t)used, "%lld,",
                     (long long)array->dims[i]);
  used += snprintf(header + used, MAX_HEADER - (size_t)used, "), }");
  while ((PREFIX + used + 1) % ALIGNMENT) header[used++] = ' ';
  header[used++] = '\n';
  return (size_t)used;
}

int npy_write(const char* path, const Npy* array) {
  char header[MAX_HEADER];
  size_t length = write_header(header, array);
  unsigned char prefix[PREFIX] = {0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0};
  prefix[8] = (unsigned char)(length % 256);
  prefix[9] = (unsigned char)(length / 256);
  FILE* file = fopen(path, "wb");
  if (!file) return -1;
  size_t bytes = array->count * array->item_size;
  int written = fwrite(prefix, 1, PREFIX, file) == PREFIX &&
                fwrite(header, 1, length, file) == length &&
                fwrite(array->data, 1, bytes, file) == bytes;
  return fclose(file) == 0 && written ? 0 : -1;
}
