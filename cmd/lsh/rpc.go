package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/lsh-project/lsh/config"
	"github.com/lsh-project/lsh/ipc"
	"github.com/spf13/cobra"
)

func rpcCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "rpc [METHOD [JSON]]",
		Short: "Call any method of the daemon, or list them",
		Long: `Calls a method of the daemon with parameters in JSON and prints its result. A
subscription prints what is pushed, one line each, until it ends or is
interrupted. Without METHOD it lists the methods.`,
		Example: `  lsh rpc
  lsh rpc jobs.get '{"job": "backup"}'
  lsh rpc rpc.discover
  lsh rpc events.subscribe`,
		Args: rpcArgs,
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			var names []cobra.Completion
			for _, m := range ipc.Methods() {
				names = append(names, cobra.CompletionWithDesc(m.Name, m.Doc))
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return a.listMethods()
			}
			return a.callMethod(cmd, args)
		},
	}
}

func rpcArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 2 {
		return usage("lsh rpc takes a method and one JSON value", `lsh rpc METHOD '{"key": "value"}'`)
	}
	if len(args) == 2 && !json.Valid([]byte(args[1])) {
		return usage(fmt.Sprintf("%q is no JSON", args[1]), `lsh rpc METHOD '{"key": "value"}'`)
	}
	return nil
}

func (a *app) listMethods() error {
	if a.json() {
		type method struct {
			Name string `json:"name"`
			Doc  string `json:"doc"`
		}
		methods := []method{}
		for _, m := range ipc.Methods() {
			methods = append(methods, method{m.Name, m.Doc})
		}
		return a.printJSON(map[string][]method{"methods": methods})
	}
	t := newTable(column{"METHOD", 20}, column{"WHAT", leastColumn})
	for _, m := range ipc.Methods() {
		t.add(plain(m.Name), plain(m.Doc))
	}
	return t.write(a.out, a.width(), a.style())
}

func (a *app) callMethod(cmd *cobra.Command, args []string) error {
	ctx := a.interruptible(cmd.Context())
	var params json.RawMessage
	if len(args) == 2 {
		params = json.RawMessage(args[1])
	}
	feed, err := a.subscribe(ctx)
	if err != nil {
		return err
	}
	defer feed.close()
	asking, done := a.awaiting(ctx, feed.client, "asking the daemon")
	result, err := feed.client.Call(asking, args[0], params)
	done()
	if err != nil {
		return noSuchMethod(args[0], err)
	}
	if err := a.printJSON(result); err != nil {
		return err
	}
	var sub struct {
		Subscription string `json:"subscription"`
	}
	if json.Unmarshal(result, &sub) != nil || sub.Subscription == "" {
		return nil
	}
	if err := a.out.Flush(); err != nil {
		return err
	}
	return feed.each(ctx, func(_ string, params json.RawMessage) (bool, error) {
		var end struct {
			End bool `json:"end"`
		}
		// What is no object has no end.
		_ = json.Unmarshal(params, &end)
		return end.End, a.printJSONLine(params)
	})
}

// noSuchMethod adds the nearest name to the daemon's refusal.
func noSuchMethod(name string, err error) error {
	f := explain(err)
	if !strings.Contains(f.message, "method") || f.hint != "" {
		return f
	}
	var names []string
	for _, m := range ipc.Methods() {
		names = append(names, m.Name)
	}
	f.hint = "lsh rpc lists the methods"
	if near, ok := config.Nearest(name, names); ok {
		f.hint = "lsh rpc " + near
	}
	return f
}
