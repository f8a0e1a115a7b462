package dataset

// SyncDir makes the names in a folder durable, where the system can.
func SyncDir(dir string) error { return syncDir(dir) }
