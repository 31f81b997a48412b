package settings

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"regexp"
	"slices"

	"github.com/spf13/pflag"
	"github.com/spf13/viper"

	"github.com/lsh-project/lsh/config"
)

// Settings are how the daemon runs. Every path is absolute.
type Settings struct {
	config.Paths
	Apply       string // auto or manual
	LogLevel    slog.Level
	LogFormat   string // text or json
	MaxParallel int    // runs at a time; 0 is no limit
	Database    config.Database
	Warnings    []string // what is not wrong, but should be mended; none says a secret
}

// Load lays config.yaml, the LSH_* variables and the flags of AddFlags over
// the defaults. The error is Problems: all that is wrong, wherever it is
// written.
func Load(flags *pflag.FlagSet, env Env) (Settings, error) {
	here := reading{home: env.Home, dir: env.Dir}
	defaults := config.DefaultPaths(env.Lookup, env.Home, env.User, env.UID)

	file, named, problems := configFile(flags, env, here, defaults.ConfigFile)
	if problems != nil {
		return Settings{}, problems
	}
	fromFile, problems := readFile(file, named, reading{home: env.Home, dir: filepath.Dir(file)})
	fromEnv, wrong := readTexts(here, slices.Concat(keys, databaseKeys), func(k key) (string, string, bool) { return lookup(env, k.variable()) })
	problems = append(problems, wrong...)
	fallback, wrong := standIn(here, env, fromFile, fromEnv)
	problems = append(problems, wrong...)
	fromFlags, wrong := readTexts(here, keys, func(k key) (string, string, bool) { return flagged(flags, k.flag()) })
	problems = append(problems, wrong...)
	if problems != nil {
		return Settings{}, problems
	}

	layers := viper.New()
	setDefaults(layers, defaults)
	for _, layer := range []map[string]any{fallback, fromFile, fromEnv, fromFlags} {
		if err := layers.MergeConfigMap(layer); err != nil {
			return Settings{}, fmt.Errorf("merge settings: %w", err)
		}
	}
	s, err := build(layers, file, defaults, env)
	s.Warnings = exposed(file, fromFile)
	return s, err
}

func setDefaults(layers *viper.Viper, paths config.Paths) {
	layers.SetDefault("jobs_file", paths.JobsFile)
	layers.SetDefault("socket", paths.Socket)
	layers.SetDefault("pid_file", paths.PidFile)
	layers.SetDefault("log_file", paths.LogFile)
	layers.SetDefault("state_dir", paths.StateDir)
	layers.SetDefault("apply", "auto")
	layers.SetDefault("log_level", "info")
	layers.SetDefault("log_format", "text")
	layers.SetDefault("max_parallel", 0)
	layers.SetDefault("database.output", config.TailsOfFailures.String())
}

// configFile is the path of config.yaml, and whether somebody named it.
func configFile(flags *pflag.FlagSet, env Env, here reading, standard string) (file string, named bool, problems Problems) {
	text, where, named := flagged(flags, configFlag)
	if !named {
		text, where, named = lookup(env, configEnv)
	}
	if !named {
		return standard, false, nil
	}
	file, hint, err := here.path(text)
	if err != nil {
		return "", true, Problems{{Where: where, Message: err.Error(), Hint: hint}}
	}
	return file, true, nil
}

// readTexts is what is written for each of the keys where get finds it.
func readTexts(here reading, keys []key, get func(key) (text, where string, ok bool)) (map[string]any, Problems) {
	values := map[string]any{}
	var problems Problems
	for _, k := range keys {
		text, where, ok := get(k)
		if !ok {
			continue
		}
		value, hint, err := here.value(k, text)
		if err != nil {
			problems = append(problems, Problem{Where: where, Message: err.Error(), Hint: hint})
			continue
		}
		values[k.name] = value
	}
	return values, problems
}

// lookup is the variable of that name. An empty one is as good as none: that is
// how a variable is taken back in a unit file or a crontab.
func lookup(env Env, name string) (text, where string, ok bool) {
	text, _ = env.Lookup(name)
	return text, name, text != ""
}

func flagged(flags *pflag.FlagSet, name string) (text, where string, ok bool) {
	f := flags.Lookup(name)
	if f == nil || !f.Changed {
		return "", "", false
	}
	return f.Value.String(), "--" + name, true
}

func build(layers *viper.Viper, file string, defaults config.Paths, env Env) (Settings, error) {
	s := Settings{
		Paths:       defaults.WithStateDir(layers.GetString("state_dir"), env.Lookup),
		Apply:       layers.GetString("apply"),
		LogFormat:   layers.GetString("log_format"),
		MaxParallel: layers.GetInt("max_parallel"),
		Database: config.Database{
			URL:             layers.GetString("database.url"),
			PasswordCommand: layers.GetStringSlice("database.password_command"),
			CACert:          layers.GetString("database.ca_cert"),
			Output:          tails(layers.GetString("database.output")),
			AcceptCommands:  layers.GetBool("database.accept_commands"),
		},
	}
	s.Database.Redact, _ = layers.Get("database.redact").([]*regexp.Regexp)
	s.ConfigFile = file
	s.JobsFile = layers.GetString("jobs_file")
	s.Socket = layers.GetString("socket")
	s.PidFile = layers.GetString("pid_file")
	s.LogFile = layers.GetString("log_file")
	if err := s.LogLevel.UnmarshalText([]byte(layers.GetString("log_level"))); err != nil {
		return Settings{}, fmt.Errorf("read log_level: %w", err)
	}
	return s, nil
}

// tails is the value of a word that was checked.
func tails(word string) config.Tails {
	for _, t := range []config.Tails{config.TailsOff, config.TailsOfAll} {
		if t.String() == word {
			return t
		}
	}
	return config.TailsOfFailures
}
