package main

import "syscall"

// rssBytes is the most memory that a process held.
func rssBytes(u *syscall.Rusage) int64 { return u.Maxrss << 10 }
