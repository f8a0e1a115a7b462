// Package stages runs a line of stages, such as import, build, train and
// evaluate, and skips those whose inputs have not changed since they were made.
// It knows of each stage only digests; what the stages do is their own.
package stages
