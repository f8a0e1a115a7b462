package dataset_test

import (
	"context"
	"fmt"

	"framewise/dataset"
)

// Reads a dataset, normalizes every example by itself and appends deltas.
func Example() {
	d, err := dataset.Open(context.Background(), "testdata/v1")
	if err != nil {
		fmt.Println(err)
		return
	}
	train, err := d.Split("train")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer train.Close()
	view, err := d.View(dataset.ViewConfig{CMVN: dataset.CMVNUtterance, Deltas: 2})
	if err != nil {
		fmt.Println(err)
		return
	}
	var x []float32
	for i := range train.Len() {
		ex, err := train.Example(i)
		if err != nil {
			fmt.Println(err)
			return
		}
		x = view.Apply(x, ex)
		fmt.Printf("%s: %d frames of %d values, %d parts\n", ex.ID, ex.NumFrames, view.Dim(), len(ex.Parts))
	}
	// Output:
	// concat/0/0badcafe: 3 frames of 6 values, 2 parts
	// a: 2 frames of 6 values, 1 parts
	// ü+nb: 1 frames of 6 values, 1 parts
}
