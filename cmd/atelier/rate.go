package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"atelier/app"
	"atelier/internal/badinput"
	"atelier/internal/stopped"
	"atelier/model/rating"
)

// A rater rates the works of several folders.
type rater struct {
	*cli
	name, votes string
	seed        uint64
	repeats     float64
}

func newRate(c *cli) *cobra.Command {
	r := &rater{cli: c}
	cmd := &cobra.Command{
		Use:   "rate FOLDER FOLDER ... | rate VOTES",
		Short: "Judge blind pairs of texts, pictures or tunes, and score who made them",
		Long: `Judge works of several folders, such as those of several runs: two of the same file name
stand side by side, without a word of where they are from, and you say which is better.
Texts are shown; pictures and tunes are put into a temporary folder. Each vote is kept at
once, and the same command goes on where it was stopped. A share of the pairs comes again,
hidden and with the sides exchanged: it tells how far you agree with yourself.
A file of votes alone is scored.`,
		Example: "  atelier rate first second --rater ann\n  atelier rate votes.jsonl",
		Args:    takes(1, 16, "two FOLDERs or more, or a file of votes"),
	}
	cmd.Flags().StringVar(&r.name, "rater", "", "your name, which stands with each vote; if empty, anonymous")
	cmd.Flags().StringVar(&r.votes, "votes", "votes.jsonl", "file of votes, as JSON lines; new ones are appended")
	cmd.Flags().Uint64Var(&r.seed, "seed", 1, "seed of the order of the pairs, and of which side is left")
	repeats := newNumber(cmd, "repeats", 0.1, "share of the pairs that come again, 0 to 1")
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if r.repeats = *repeats; r.repeats < 0 || r.repeats > 1 {
			return badinput.Errorf("--repeats: want 0 to 1, got %g", r.repeats)
		}
		if r.name == "" {
			r.name = "anonymous"
		}
		info, err := os.Stat(args[0])
		switch file := err == nil && !info.IsDir(); {
		case len(args) == 1 && err != nil:
			return badinput.Errorf("%s: there is no such file of votes", args[0])
		case len(args) == 1 && file:
			r.votes = args[0]
			return r.scores(*asJSON)
		}
		if err := r.rate(cmd.Context(), args); err != nil {
			return err
		}
		return r.scores(*asJSON)
	}
	return cmd
}

// rate asks for the votes that are left.
func (r *rater) rate(ctx context.Context, folders []string) error {
	if len(folders) < 2 {
		return badinput.Errorf("rate: want two folders or more to compare, or a file of votes")
	}
	works, err := app.Rated(folders)
	if err != nil {
		return err
	}
	release, err := rating.Hold(r.votes, r.name)
	if err != nil {
		return err
	}
	defer release()
	votes, _, err := rating.Read(r.votes)
	if err != nil {
		return err
	}
	plan := rating.Plan(works.Sides, works.Items, r.name, r.seed, r.repeats)
	left := rating.Left(plan, votes, r.name)
	for i, p := range left {
		done, err := r.ask(ctx, works, p, len(plan)-len(left)+i+1, len(plan))
		if err != nil {
			return stopped.Explained(ctx, err, "stopped; the votes are kept, and the same command goes on with the rest")
		}
		if !done {
			break
		}
	}
	return nil
}

// answers are what people may say.
var answers = map[string]string{"1": rating.ForLeft, "2": rating.ForRight, "0": rating.Tie, "=": rating.Tie}

// ask asks for one vote and keeps it; it reports whether there are more to come.
func (r *rater) ask(ctx context.Context, works *app.RatedWorks, p rating.Pair, i, of int) (more bool, err error) {
	shown, hashes, clean, err := works.Show(p)
	if err != nil {
		return false, err
	}
	defer clean()
	begun := time.Now()
	r.text(shown)
	for {
		fmt.Fprintf(r.out, "%d of %d: which is better, 1 or 2? 0: no difference; q: stop\n", i, of)
		line, err := r.line(ctx)
		word := strings.ToLower(strings.TrimSpace(line))
		switch vote, ok := answers[word]; {
		case word == "q" || errors.Is(err, io.EOF) && !ok:
			return false, nil
		case err != nil && !errors.Is(err, io.EOF):
			return false, err
		case ok:
			return true, rating.Keep(r.votes, rating.Vote{
				Rater: r.name, Time: time.Now().UTC().Truncate(time.Second), Seconds: float64(int(10*time.Since(begun).Seconds())) / 10,
				Item: p.Item, Left: p.Left, Right: p.Right, For: vote, Repeat: p.Repeat, Hashes: hashes,
			})
		}
	}
}

// people is the standard input by lines.
var people = bufio.NewReader(os.Stdin)

// line reads a line.
func (r *rater) line(ctx context.Context) (string, error) {
	return (&asker{console: r.console, lines: people}).read(ctx)
}

// scores prints what the votes come to.
func (r *rater) scores(asJSON bool) error {
	votes, torn, err := rating.Read(r.votes)
	if err != nil {
		return err
	}
	if torn > 0 {
		r.warn(r.votes, app.Counted(torn, "line")+" that cannot be read left out")
	}
	result := rating.Score(votes)
	if asJSON {
		return r.json(result)
	}
	if result.Votes == 0 {
		r.say("there are no votes yet")
		return nil
	}
	var rows [][]string
	for _, s := range result.Standings {
		rows = append(rows, []string{s.Side, fmt.Sprintf("%.2f [%.2f, %.2f]", s.Score, s.Low, s.High), fmt.Sprint(s.Wins), fmt.Sprint(s.Ties), fmt.Sprint(s.Losses)})
	}
	r.table([]string{"SIDE", "SCORE", "WINS", "TIES", "LOSSES"}, rows)
	for _, a := range result.Raters {
		again := "no pair was asked again"
		if a.Asked > 0 {
			again = fmt.Sprintf("the same answer to %d of %d pairs that were asked again", a.Same, a.Asked)
		}
		r.say("%s: %s, %d for the left and %d for the right; %s", a.Rater, app.Counted(a.Votes, "vote"), a.Lefts, a.Rights, again)
	}
	if b := result.Between; b.Asked > 0 {
		r.say("different raters gave the same answer to %d of %d questions", b.Same, b.Asked)
	}
	r.say("%s", verdictOf(result))
	return nil
}

// verdictOf says whether the best is told from the next.
func verdictOf(r rating.Result) string {
	best, next := r.Standings[0], r.Standings[1]
	if best.Low > next.High {
		return best.Side + " is better than " + next.Side + ": their 95 % intervals do not overlap"
	}
	return best.Side + " and " + next.Side + " are not told apart yet: their 95 % intervals overlap"
}
