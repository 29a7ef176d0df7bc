package retrieve

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// A Turn is a known question, in several wordings, and its answer.
type Turn struct {
	ID        string   `json:"id"`
	Questions []string `json:"q"`
	Words     string   `json:"k"` // others that one may ask with
	Answer    string   `json:"a"`
}

// Questions finds the known question that is nearest to one that is asked.
type Questions struct {
	turns  []Turn
	exact  map[string]int // which turn a wording is of
	index  *Index
	asked  [][]map[string]bool // terms of each wording of each turn
	norms  [][]float64
	words  []map[string]bool
	answer []map[string]bool
}

// The weights of what speaks for a known question.
const (
	ofAnswer = 0.45 // a term that only the answer has, beside one of the question
	wording  = 0.5  // a phrase beside its concept
	unknown  = 0.6  // a term of what is asked that nothing has
	ofRank   = 0.25 // BM25 beside that of the best
	ofShare  = 1.2  // how much of what is asked is known, beside likeness of the questions
)

// NewQuestions returns known questions to be found, by terms of a lexicon.
func NewQuestions(turns []Turn, words *Lexicon) *Questions {
	texts := make([]string, len(turns))
	for i, t := range turns {
		texts[i] = strings.Join(t.Questions, "\n") + "\n" + t.Words + "\n" + t.Answer
	}
	q := &Questions{turns: turns, exact: map[string]int{}, index: newIndex(texts, words.Terms)}
	for i, t := range turns {
		var sets []map[string]bool
		var norms []float64
		for _, wording := range t.Questions {
			set := setOf(words.Terms(wording))
			if _, known := q.exact[plain(wording)]; !known {
				q.exact[plain(wording)] = i
			}
			sets, norms = append(sets, set), append(norms, q.norm(set))
		}
		q.asked, q.norms, q.answer = append(q.asked, sets), append(q.norms, norms), append(q.answer, setOf(words.Terms(t.Answer)))
		q.words = append(q.words, setOf(words.Terms(t.Words)))
	}
	return q
}

// plain is a question without capitals and punctuation.
func plain(question string) string { return strings.Join(pieces(question), " ") }

func setOf(terms []string) map[string]bool {
	set := map[string]bool{}
	for _, t := range terms {
		set[t] = true
	}
	return set
}

// norm is the length of a set of terms as a vector.
func (q *Questions) norm(set map[string]bool) float64 {
	terms := make([]string, 0, len(set))
	for t := range set {
		terms = append(terms, t)
	}
	slices.Sort(terms) // so that the sum is the same each time
	sum := 0.0
	for _, t := range terms {
		w := q.weight(t)
		sum += float64(w * w)
	}
	return math.Sqrt(sum)
}

// weight is what a term counts of what is asked: one that is nowhere known may be a detail,
// and nothing if its concept counts already.
func (q *Questions) weight(term string) float64 {
	switch known := len(q.index.postings[term]) > 0; {
	case strings.HasPrefix(term, literal):
		if !known {
			return 0
		}
		return float64(wording * q.index.Weight(term))
	case !known:
		return unknown * q.index.Weight(term)
	}
	return q.index.Weight(term)
}

// A Match is a known question that is near to one that was asked.
type Match struct {
	Turn  Turn
	Score float64 // by which matches are ordered
	// Share is how much of what was asked the known question and its answer speak of, 0 to 1,
	// and Likeness the cosine of the question and the nearest wording, 0 to 1.
	Share, Likeness float64
	// Terms is how many different terms of what was asked the known question or its answer has.
	Terms int
}

// Find returns the n nearest known questions, the best first and of equal ones the first.
func (q *Questions) Find(question string, n int) []Match {
	terms := distinct(q.index.terms(question))
	own, total := q.norm(setOf(terms)), 0.0
	for _, t := range terms {
		total += q.weight(t)
	}
	var all []Match
	if i, ok := q.exact[plain(question)]; ok {
		all = append(all, Match{Turn: q.turns[i], Score: 2 + ofShare, Share: 1, Likeness: 1, Terms: max(1, len(terms))})
	}
	ranked, top := map[int]float64{}, 0.0
	for _, h := range q.index.Search(question, len(q.turns)) {
		ranked[h.Text] = h.Score
		top = max(top, h.Score)
	}
	for i, turn := range q.turns {
		if len(all) > 0 && all[0].Turn.ID == turn.ID { // word for word
			continue
		}
		m := Match{Turn: turn}
		for _, t := range terms {
			switch {
			case slices.ContainsFunc(q.asked[i], func(set map[string]bool) bool { return set[t] }) || q.words[i][t]:
				m.Share += q.weight(t) / total
				m.Terms += counts(t)
			case q.answer[i][t]:
				m.Share += float64(ofAnswer*q.weight(t)) / total
				m.Terms += counts(t)
			}
		}
		if m.Share == 0 {
			continue
		}
		for j, set := range q.asked[i] {
			sum := 0.0
			for _, t := range terms {
				if set[t] {
					w := q.weight(t)
					sum += float64(w * w)
				}
			}
			m.Likeness = max(m.Likeness, sum/max(1e-9, float64(own*q.norms[i][j])))
		}
		m.Score = m.Likeness + float64(ofShare*m.Share) + float64(ofRank*ranked[i])/max(1e-9, top)
		all = append(all, m)
	}
	slices.SortStableFunc(all, func(a, b Match) int { return cmp.Compare(b.Score, a.Score) })
	return all[:min(n, len(all))]
}

// counts is 1 for a term that does not repeat a concept.
func counts(term string) int {
	if strings.HasPrefix(term, literal) {
		return 0
	}
	return 1
}
