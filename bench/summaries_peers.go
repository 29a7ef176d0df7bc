package bench

import (
	"bytes"
	"context"
	"math"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"atelier/model/summary"
)

// TextRank (Mihalcea and Tarau 2004, TextRank: Bringing Order into Texts): sentences are ranked by a
// random walk among those that share words.
const (
	textRankDamping = 0.85
	textRankRounds  = 50
)

// textRank is the n sentences that TextRank takes, in their order.
func textRank(all []summary.Sentence, n int) []int {
	words := make([]map[string]bool, len(all))
	for i, s := range all {
		words[i] = map[string]bool{}
		for _, w := range strings.FieldsFunc(strings.ToLower(s.Text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
			words[i][w] = true
		}
	}
	like, sums := make([][]float64, len(all)), make([]float64, len(all))
	for i := range all {
		like[i] = make([]float64, len(all))
		for j := range all {
			if i != j && len(words[i]) > 1 && len(words[j]) > 1 {
				like[i][j] = shared(words[i], words[j]) / (math.Log(float64(len(words[i]))) + math.Log(float64(len(words[j]))))
			}
			sums[i] += like[i][j]
		}
	}
	rank := make([]float64, len(all))
	for i := range rank {
		rank[i] = 1
	}
	for range textRankRounds {
		next := make([]float64, len(all))
		for i := range all {
			next[i] = 1 - textRankDamping
			for j := range all {
				if sums[j] > 0 {
					next[i] += textRankDamping * like[j][i] / sums[j] * rank[j]
				}
			}
		}
		rank = next
	}
	order := make([]int, len(all))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case rank[a] > rank[b]:
			return -1
		case rank[a] < rank[b]:
			return 1
		}
		return 0
	})
	taken := order[:min(n, len(order))]
	slices.Sort(taken)
	return taken
}

// shared is the number of common words.
func shared(a, b map[string]bool) (n float64) {
	for w := range a {
		if b[w] {
			n++
		}
	}
	return n
}

// openTextSummarizer is a summary of about a share of a text by the program ots (Open Text Summarizer,
// Debian package ots), empty where it is not installed.
func openTextSummarizer(ctx context.Context, text string, share float64) (string, error) {
	program, err := exec.LookPath("ots")
	if err != nil {
		return "", nil
	}
	ctx, stop := context.WithTimeout(ctx, time.Minute)
	defer stop()
	cmd := exec.CommandContext(ctx, program, "--ratio="+strconv.Itoa(max(1, int(math.Round(100*share)))))
	cmd.Stdin = strings.NewReader(text)
	var out bytes.Buffer
	cmd.Stdout = &out
	err = cmd.Run()
	return out.String(), err
}
