package bench

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"time"

	"atelier/data"
	"atelier/internal/registry"
	"atelier/model/summary"
)

func init() {
	Suites.Add("summaries", "extractive summaries against those of the authors of 40 held-out documents, beside the first three sentences of each, TextRank, and ots where it is installed; needs the set proposals",
		func() Suite { return &Summaries{Sentences: 3} })
}

// Summaries measures the app summarize: ROUGE against authors' abstracts, and speed.
type Summaries struct {
	Sentences int `help:"length of each summary in sentences, 1 to 20"`
}

// Check reports a setting that is out of range.
func (s *Summaries) Check() error {
	if s.Sentences < 1 || s.Sentences > 20 {
		return registry.Unfit("sentences", fmt.Sprintf("want 1 to 20, got %d", s.Sentences))
	}
	return nil
}

// Targets of the suite: ROUGE-1 in percent, and seconds and MiB for a long document.
const (
	leastRouge  = 31.5
	mostSeconds = 20
	longWords   = 500_000 // about 1,000 pages
)

// Run implements [Suite].
func (s *Summaries) Run(ctx context.Context, _ *Machine, emit func(Row)) error {
	if err := registry.Check(s); err != nil {
		return err
	}
	set, err := registry.Make[data.Source]("card", "name=proposals")
	if err != nil {
		return err
	}
	var lead, made, ranks, ots summary.Rouge
	var long strings.Builder
	n := 0
	for it, err := range set.Value.Items(ctx, data.Test) {
		if err != nil {
			return err
		}
		text := string(it.Bytes)
		all, err := summary.Sentences(ctx, text)
		if err != nil {
			return err
		}
		ranked, err := summary.Usual.Rank(ctx, "", all)
		if err != nil {
			return err
		}
		taken := ranked.Take(func(taken []summary.Sentence, _ summary.Sentence) bool { return len(taken) < s.Sentences })
		first := make([]int, min(s.Sentences, len(all)))
		for i := range first {
			first[i] = i
		}
		made = rougeSum(made, summary.RougeOf(joined(all, taken), it.Caption, false))
		lead = rougeSum(lead, summary.RougeOf(joined(all, first), it.Caption, false))
		ranks = rougeSum(ranks, summary.RougeOf(joined(all, textRank(all, s.Sentences)), it.Caption, false))
		theirs, err := openTextSummarizer(ctx, text, float64(s.Sentences)/float64(max(1, len(all))))
		if err != nil {
			return fmt.Errorf("ots: %w", err)
		}
		ots = rougeSum(ots, summary.RougeOf(theirs, it.Caption, false))
		long.WriteString(text + "\n\n")
		n++
	}
	for _, row := range []struct {
		name        string
		value, peer float64
		bar         string
		holds       bool
	}{
		{"ROUGE-1 of summaries", made.One, lead.One, fmt.Sprintf(">= %g", leastRouge), made.One/float64(n) >= leastRouge/100},
		{"ROUGE-2 of summaries", made.Two, lead.Two, "> the first sentences", made.Two > lead.Two},
		{"ROUGE-L of summaries", made.L, lead.L, "> the first sentences", made.L > lead.L},
	} {
		peer := 100 * row.peer / float64(n)
		emit(Row{Name: row.name, Value: 100 * row.value / float64(n), Unit: "%", Bar: row.bar, Holds: row.holds, Peer: &peer, N: n})
	}
	emitPeer(emit, "TextRank", ranks, n)
	emitPeer(emit, "ots", ots, n)
	return s.long(ctx, long.String(), emit)
}

// emitPeer emits the scores of another program, if it is installed.
func emitPeer(emit func(Row), name string, sum summary.Rouge, n int) {
	if sum == (summary.Rouge{}) {
		return
	}
	for _, row := range []struct {
		name  string
		value float64
	}{{"ROUGE-1", sum.One}, {"ROUGE-2", sum.Two}, {"ROUGE-L", sum.L}} {
		emit(Row{Name: row.name + " of " + name, Value: 100 * row.value / float64(n), Unit: "%", Holds: true, N: n})
	}
}

// long measures a document of about a thousand pages, made of all of them.
func (s *Summaries) long(ctx context.Context, text string, emit func(Row)) error {
	whole := strings.Repeat(text, 1+longWords/max(1, summary.Words(text)))
	runtime.GC()
	start := time.Now()
	all, err := summary.Sentences(ctx, whole)
	if err != nil {
		return err
	}
	ranked, err := summary.Usual.Rank(ctx, "", all)
	if err != nil {
		return err
	}
	ranked.Take(func(taken []summary.Sentence, _ summary.Sentence) bool { return len(taken) < s.Sentences })
	took := time.Since(start).Seconds()
	emit(Row{Name: "a summary of 1,000 pages", Value: took, Unit: "s", Bar: fmt.Sprintf("<= %d", mostSeconds), Holds: took <= mostSeconds, N: len(all)})
	return nil
}

func rougeSum(a, b summary.Rouge) summary.Rouge {
	return summary.Rouge{One: a.One + b.One, Two: a.Two + b.Two, L: a.L + b.L}
}

func joined(all []summary.Sentence, which []int) string {
	var b strings.Builder
	for _, i := range which {
		b.WriteString(all[i].Text + " ")
	}
	return b.String()
}
