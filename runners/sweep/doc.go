// Package sweep lays out a grid of experiments and puts what came of them into
// one table, with means and intervals over seeds.
package sweep
