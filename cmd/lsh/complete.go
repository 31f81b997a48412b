package main

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// How long a shell waits when Tab is pressed: for the daemon, and when that has not
// answered, for the jobs file, which takes longer to read where it has thousands of jobs.
const (
	completeWithin     = 300 * time.Millisecond
	completeFileWithin = time.Second
)

// completeMany is how many words a shell can well choose from by itself.
const completeMany = 1000

// completeMost is how many words of the past are offered: a list is to be read.
const completeMost = 50

// words is what could be typed, each with what it is. An error says nothing:
// a shell's prompt is no place for it.
type words func(ctx context.Context, a *app, typed string) []cobra.Completion

// completeOne completes an argument of a command that takes one.
func (a *app) completeOne(from words, and cobra.ShellCompDirective) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return a.offer(cmd, from, typed), cobra.ShellCompDirectiveNoFileComp | and
	}
}

// completeEach completes any number of arguments, each once.
func (a *app) completeEach(from words) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		offered := slices.DeleteFunc(a.offer(cmd, from, typed), func(offer cobra.Completion) bool {
			word, _, _ := strings.Cut(offer, "\t")
			return slices.Contains(args, word)
		})
		return offered, cobra.ShellCompDirectiveNoFileComp
	}
}

// completeValue completes the value of a flag.
func (a *app) completeValue(from words) cobra.CompletionFunc {
	return func(cmd *cobra.Command, _ []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		return a.offer(cmd, from, typed), cobra.ShellCompDirectiveNoFileComp
	}
}

// offer are the words. Which of them go on as what is typed, each shell decides
// by rules of its own, but it would take long over very many.
func (a *app) offer(cmd *cobra.Command, from words, typed string) []cobra.Completion {
	ctx, cancel := context.WithTimeout(cmd.Context(), completeWithin)
	defer cancel()
	offered := from(ctx, a, typed)
	if len(offered) <= completeMany {
		return offered
	}
	return slices.DeleteFunc(offered, func(offer cobra.Completion) bool { return !strings.HasPrefix(offer, typed) })
}

// described is a word with what it is, in one line.
func described(word, about string) cobra.Completion {
	return cobra.CompletionWithDesc(word, strings.ReplaceAll(oneLine(about), "\t", " "))
}
