package pipelines

import "framewise/dataset"

// openStore is the store of a dataset's folder. Tests put faults into it.
var openStore = func(out string) dataset.Store { return dataset.NewLocal(out) }
