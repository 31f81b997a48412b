// Package config says what a person can say: the jobs file, its includes, and
// where everything lies.
//
//	jobs.yaml ──source──► YAML nodes ──reader──► Job ──finish──► Config
//	                                    │
//	                              table of keys ──► hints, JSON Schema, change classes, texts
//
// [Load] reads a jobs file and answers with a complete, immutable [Config] or
// with all the [Problems] that the files have. There is nothing between: a file
// with one mistake yields no jobs at all, so that no caller can act on half of
// what was meant.
//
// Every key stands once, in the table of keys (keys.go, keys_job.go). From it come
// the decoder's dispatch, the hints for unknown keys, the JSON Schema, the class of
// change of each key and the texts that a plan shows. A key that is not in the
// table is an error in the file.
//
// The files are decoded from YAML nodes, never into Go maps: nodes know their
// lines, and walking them stays linear however many jobs there are. Nodes are
// large, so each job's are let go as soon as it has been read.
//
// Values of `env` and `stdin` are secrets. They appear in a [Process], which
// starts the job, and in no message, excerpt, field text or hash without a key.
package config
