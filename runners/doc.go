// Package runners says where a pipeline runs: in this process on Beam's prism
// (the default), on Google Cloud Dataflow, or on Flink, Spark or any other
// engine behind Beam's portable job service.
//
// # One flag set
//
// Importing Beam's runners puts their flags on [flag.CommandLine], and the
// runners read them from there, some with [flag.Visit]. So the command line of
// framewise has flag sets of its own, and what the user writes after `--` goes
// through [Options].Args to flag.CommandLine just before the run.
//
// # Workers
//
// Engines start the same binary as a worker, with flags only. [WorkerMode]
// recognizes that from the first argument and must be the first thing main
// does.
//
// # Success
//
// A runner's word is not taken for success: a dry run returns none, and a job
// whose workers cannot start waits for ever. Package pipelines reconciles the
// files that were made, and [Run] ends a run that makes no progress.
package runners
