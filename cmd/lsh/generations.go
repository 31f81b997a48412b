package main

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/lsh-project/lsh/ipc"
	"github.com/spf13/cobra"
)

func generationsCommand(a *app) *cobra.Command {
	n := 20
	var one ipc.GenerationParams
	cmd := &cobra.Command{
		Use:   "generations [N]",
		Short: "Show the accepted configurations, or the text of one",
		Long: `Every configuration that was accepted is kept under a number. Without N they are
listed, newest first, the one in force with a star; with it the files of that
one are printed as they were. Values of env and stdin may be secret: dots stand
for them unless --show-values asks.`,
		Example: `  lsh generations
  lsh generations 41
  lsh generations 41 --show-values > jobs.yaml
  lsh rollback 41`,
		Args:              atMostOne,
		ValidArgsFunction: completeGeneration(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				if cmd.Flags().Changed("number") {
					return usage("-n is for the list, and "+args[0]+" names one generation", "lsh generations "+args[0])
				}
				number, err := generationNumber(args[0])
				if err != nil {
					return err
				}
				one.Number = number
				return a.showGeneration(cmd.Context(), one)
			}
			if one.ShowValues {
				return usage("--show-values needs the number of a generation", "lsh generations N --show-values")
			}
			if n < 1 {
				return usage("-n must be at least 1", "lsh generations -n 20")
			}
			page, err := fetchGenerations(cmd.Context(), a, n)
			if err != nil {
				return err
			}
			if a.json() {
				return a.printJSON(page)
			}
			return a.printGenerations(page)
		},
	}
	cmd.Flags().IntVarP(&n, "number", "n", n, "at most `N` generations")
	cmd.Flags().BoolVar(&one.ShowValues, "show-values", false, "show the values of env and stdin")
	return cmd
}

// fetchGenerations asks for up to n generations, in pages.
func fetchGenerations(ctx context.Context, a *app, n int) (ipc.GenerationsPage, error) {
	client, err := a.dial(ctx)
	if err != nil {
		return ipc.GenerationsPage{}, err
	}
	defer client.Close()
	ctx, done := a.awaiting(ctx, client, "asking the daemon")
	defer done()
	all := ipc.GenerationsPage{Generations: []ipc.Generation{}}
	for {
		p := ipc.GenerationsParams{Limit: min(n-len(all.Generations), historyPage), After: all.After}
		page, err := ipc.ConfigGenerations.Call(ctx, client, p)
		if err != nil {
			return all, err
		}
		all.Generations = append(all.Generations, page.Generations...)
		all.Current, all.After = page.Current, page.After
		if page.After == 0 || len(all.Generations) >= n {
			return all, nil
		}
	}
}

// shortCommit is how many characters of a commit's hash people see.
const shortCommit = 8

func (a *app) printGenerations(page ipc.GenerationsPage) error {
	if len(page.Generations) == 0 {
		a.printf("nothing has been accepted yet\n")
		return nil
	}
	s, now := a.style(), a.now()
	t := newTable(column{"", 1}, column{"N", 4}, column{"ACCEPTED", 12}, column{"JOBS", 5}, column{"CHANGES", 12}, column{"BY", 8}, column{"FROM", leastColumn})
	for _, g := range page.Generations {
		mark, by, from := "", "–", g.Reason
		if g.Number == page.Current {
			mark = "*"
		}
		if g.Owner != nil {
			by = cmp.Or(g.Owner.User, strconv.Itoa(g.Owner.UID))
		}
		if g.Git != nil {
			from += ", commit " + g.Git.Commit[:min(shortCommit, len(g.Git.Commit))]
		}
		t.add(plain(mark), plain(strconv.Itoa(g.Number)), plain(moment(g.AcceptedAt.In(now.Location()), now)), plain(strconv.Itoa(g.Jobs)),
			plain(summaryText(g.Summary)), plain(by), plain(from))
	}
	return t.write(a.out, a.width(), s)
}

// summaryText counts changes by class, in words.
func summaryText(summary map[string]int) string {
	var parts []string
	for _, c := range classes {
		if n := summary[c.class]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, c.text))
		}
	}
	return cmp.Or(strings.Join(parts, ", "), "none")
}

func (a *app) showGeneration(ctx context.Context, p ipc.GenerationParams) error {
	g, err := ask(ctx, a, ipc.ConfigGeneration, p)
	if err != nil {
		return err
	}
	if a.json() {
		return a.printJSON(g)
	}
	hidden := false
	for i, f := range g.Files {
		hidden = hidden || f.Hidden
		if len(g.Files) > 1 {
			if i > 0 {
				a.printf("\n")
			}
			a.printf("# %s\n", a.short(f.Path))
		}
		a.printf("%s", f.Text)
		if !strings.HasSuffix(f.Text, "\n") {
			a.printf("\n")
		}
	}
	if hidden {
		a.note(fmt.Sprintf("dots stand for values of env and stdin; lsh generations %d --show-values shows them", p.Number))
	}
	return nil
}

func generationNumber(text string) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return 0, usage(fmt.Sprintf("%q is no number of a generation", text), "lsh generations lists them")
	}
	return n, nil
}
