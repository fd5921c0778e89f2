/* Answers a job list with TensorFlow's C API: the loader and the session that TensorFlow
   Serving embeds, without Python. exchange.py says what is in a job list; an input or
   output is named by its tensor in the graph, such as serving_default_images:0. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tensors.h"
#include "tensorflow/c/c_api.h"

enum { MAX_LINE = 4096, MAX_TENSORS = 16 };

typedef struct {
  char name[MAX_LINE], file[MAX_LINE];
} Tensor;

typedef struct {
  Tensor tensors[MAX_TENSORS];
  int count;
} Tensors;

typedef struct {
  TF_Graph* graph;
  TF_Session* session; /* NULL before the first model and after a refusal */
  TF_Status* status;
  char error_file[MAX_LINE];
  Tensors inputs, outputs;
} State;

static void refuse(const State* state, const char* what) {
  FILE* file = fopen(state->error_file, "w");
  if (!file) return;
  fprintf(file, "%s: %s", what, TF_Message(state->status));
  fclose(file);
}

static void close_model(State* state) {
  if (state->session) TF_DeleteSession(state->session, state->status);
  if (state->graph) TF_DeleteGraph(state->graph);
  state->session = NULL;
  state->graph = NULL;
}

static void load_model(State* state, const char* path) {
  const char* tags[] = {"serve"};
  TF_SessionOptions* options = TF_NewSessionOptions();
  close_model(state);
  state->graph = TF_NewGraph();
  state->session = TF_LoadSessionFromSavedModel(options, NULL, path, tags, 1, state->graph,
                                                NULL, state->status);
  TF_DeleteSessionOptions(options);
  if (TF_GetCode(state->status) != TF_OK) {
    refuse(state, path);
    close_model(state);
  }
}

/* "name:index" in the graph; an operation of NULL where there is none. */
static TF_Output find(const State* state, const char* tensor) {
  char name[MAX_LINE];
  strcpy(name, tensor);
  char* colon = strrchr(name, ':');
  if (!colon) return (TF_Output){NULL, 0};
  *colon = '\0';
  return (TF_Output){TF_GraphOperationByName(state->graph, name), atoi(colon + 1)};
}

static int fill(State* state, TF_Output* places, TF_Tensor** values) {
  for (int i = 0; i < state->inputs.count; i++) {
    Npy array;
    places[i] = find(state, state->inputs.tensors[i].name);
    if (!places[i].oper || npy_read(state->inputs.tensors[i].file, &array)) return -1;
    values[i] = to_tensor(&array);
    free(array.data);
  }
  return 0;
}

static int keep(State* state, TF_Tensor** values) {
  int failed = 0;
  for (int i = 0; i < state->outputs.count; i++) {
    Npy array = from_tensor(values[i]);
    failed |= npy_write(state->outputs.tensors[i].file, &array);
    free(array.data);
    TF_DeleteTensor(values[i]);
  }
  return failed;
}

static const char* run_session(State* state) {
  TF_Output inputs[MAX_TENSORS], outputs[MAX_TENSORS];
  TF_Tensor *given[MAX_TENSORS] = {0}, *answers[MAX_TENSORS] = {0};
  if (fill(state, inputs, given)) return "An input cannot be read";
  for (int i = 0; i < state->outputs.count; i++) {
    outputs[i] = find(state, state->outputs.tensors[i].name);
    if (!outputs[i].oper) return "An output is not in the graph";
  }
  TF_SessionRun(state->session, NULL, inputs, given, state->inputs.count, outputs, answers,
                state->outputs.count, NULL, 0, NULL, state->status);
  for (int i = 0; i < state->inputs.count; i++) TF_DeleteTensor(given[i]);
  if (TF_GetCode(state->status) != TF_OK) return "The session failed";
  return keep(state, answers) ? "An output cannot be written" : NULL;
}

static void run(State* state) {
  const char* problem = state->session ? run_session(state) : NULL;
  if (problem) {
    refuse(state, problem);
    close_model(state);
  }
  state->inputs.count = state->outputs.count = 0;
}

static void add(Tensors* to, const char* name, const char* file) {
  if (to->count == MAX_TENSORS) {
    fprintf(stderr, "A run has more than %d tensors.\n", MAX_TENSORS);
    exit(1);
  }
  Tensor* tensor = &to->tensors[to->count++];
  strcpy(tensor->name, name);
  strcpy(tensor->file, file);
}

static void obey(State* state, char* line) {
  char *words[4] = {"", "", "", ""}, *rest = line, *word;
  for (int i = 0; i < 4 && (word = strsep(&rest, "\t\n")); i++) words[i] = word;
  if (!strcmp(words[0], "model")) {
    strcpy(state->error_file, words[3]);
    load_model(state, words[1]);
  } else if (!strcmp(words[0], "input")) {
    add(&state->inputs, words[1], words[2]);
  } else if (!strcmp(words[0], "output")) {
    add(&state->outputs, words[1], words[2]);
  } else if (!strcmp(words[0], "run")) {
    run(state);
  }
}

int main(int count, char** arguments) {
  FILE* jobs = count == 2 ? fopen(arguments[1], "r") : NULL;
  if (!jobs) {
    fprintf(stderr, "usage: %s JOBS\n", arguments[0]);
    return 2;
  }
  static State state;
  static char line[MAX_LINE];
  state.status = TF_NewStatus();
  printf("%s\n", TF_Version());
  while (fgets(line, sizeof line, jobs)) obey(&state, line);
  close_model(&state);
  TF_DeleteStatus(state.status);
  fclose(jobs);
  return 0;
}
