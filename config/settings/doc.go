// Package settings finds out how the daemon is to run: where its files are,
// how it logs, whether a changed jobs file is applied by itself.
//
// A setting has a key, from which its other two names come: `log_level` in
// config.yaml, LSH_LOG_LEVEL in the environment, --log-level as a flag. The
// later one wins; viper lays them over each other. All of them are listed
// once, in the table in keys.go.
//
// What is written is checked before it is laid over anything, where it is
// written: a wrong line in config.yaml is an error also when a flag would
// hide it. All problems are told at once. A missing config.yaml is an empty
// one, unless somebody named it.
package settings
