// Package interchange turns a network's weights into those of PyTorch and Keras
// and back, as safetensors: other names, other orders of gates and rows, the
// same numbers. docs/interchange has the modules that take them.
package interchange
