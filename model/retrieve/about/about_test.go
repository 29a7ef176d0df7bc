package about

import (
	"strings"
	"testing"

	"atelier/model/retrieve"
)

// Questions in other words than the known ones get the right answer.
func TestHeldOutQuestions(t *testing.T) {
	right, answered, all := map[string]int{}, map[string]int{}, map[string]int{}
	for _, q := range HeldOut() {
		id, question := q.ID, q.Text
		found, known := Find(question)
		all[language(question)]++
		if known {
			answered[language(question)]++
		}
		if found.Turn.ID == id {
			right[language(question)]++
		}
		if found.Turn.ID != id || !known {
			t.Logf("%s: got %s, share %.2f, likeness %.2f, known %v: %s", id, found.Turn.ID, found.Share, found.Likeness, known, question)
		}
	}
	for l, n := range all {
		t.Logf("%s: the right answer is first for %d of %d, and %d are answered", l, right[l], n, answered[l])
		if n < 30 || right[l]*10 < n*8 {
			t.Errorf("%s: the right answer is first for %d of %d, want 80 %%", l, right[l], n)
		}
	}
}

// What has nothing to do with Atelier is not answered.
func TestForeignQuestions(t *testing.T) {
	refused, all := map[string]int{}, map[string]int{}
	for _, q := range Foreign() {
		question := q.Text
		found, known := Find(question)
		all[language(question)]++
		if !known {
			refused[language(question)]++
		}
		t.Logf("%s: share %.2f, likeness %.2f: %s", found.Turn.ID, found.Share, found.Likeness, question)
	}
	for l, n := range all {
		t.Logf("%s: %d of %d are not answered", l, refused[l], n)
		if n < 30 || refused[l]*10 < n*9 {
			t.Errorf("%s: %d of %d are not answered, want 90 %%", l, refused[l], n)
		}
	}
}

// The two languages cover the same subjects, and each known question finds its own answer.
func TestKnownQuestions(t *testing.T) {
	en, zh := turns(english), turns(chinese)
	if len(en) != len(zh) {
		t.Fatalf("%d answers in English, %d in Chinese", len(en), len(zh))
	}
	for i := range en {
		if en[i].ID != zh[i].ID {
			t.Errorf("answer %d: %s in English, %s in Chinese", i, en[i].ID, zh[i].ID)
		}
	}
	for _, turn := range append(en, zh...) {
		for _, q := range turn.Questions {
			if found, known := Find(q); !known || found.Turn.ID != turn.ID {
				t.Errorf("%s: got %s, share %.2f, likeness %.2f: %s", turn.ID, found.Turn.ID, found.Share, found.Likeness, q)
			}
		}
	}
}

// Numbers beside a question are details, which find no other answer; and music is made without training.
func TestNumbersAreDetails(t *testing.T) {
	for question, want := range map[string]string{
		"How do I train on my own pictures? 1": "trainown", "How do I train on my own pictures? 3": "trainown", "7 How do I train on my own pictures?": "trainown",
		"怎么用自己的图片训练？ 3": "trainown", "Train a model on my 40 photos": "trainown",
		"How can I make some music?": "compose", "Make music": "compose", "Can it make a tune for me?": "compose", "怎么做音乐？": "compose",
		"How do I train on music?": "trainmusic",
	} {
		if found, known := Find(question); !known || found.Turn.ID != want {
			t.Errorf("%s: got %s, known %v, share %.2f; want %s", question, found.Turn.ID, known, found.Share, want)
		}
	}
	if found, known := Find("1 2 3"); known {
		t.Errorf("numbers alone get %s", found.Turn.ID)
	}
}

// Terms of the glossary are explained in the language of the question, and nothing else is.
func TestTerms(t *testing.T) {
	for question, want := range map[string]string{
		"What does FID mean?": "Fréchet distance", "what does kid mean": "maximum mean discrepancy", "What is self-BLEU?": "mean BLEU", "What does top-p mean?": "Holtzman",
		"Define mode collapse.": "Few kinds", "What does the score recall mean?": "variety", "what does `EMA` stand for?": "moving average", "explain perplexity": "log-likelihood",
		"FID 是什么意思？": "Fréchet 距离", "什么是 top-k？": "最可能的 k 个", "self-bleu 是什么": "BLEU 均值",
	} {
		if found, known := Find(question); !known || !strings.Contains(found.Turn.Answer, want) {
			t.Errorf("%s: %v, %q, want %q", question, known, found.Turn.Answer, want)
		}
	}
	for _, question := range []string{"What does love mean?", "爱是什么意思？", "What does ubiquitous mean?"} {
		if found, known := Find(question); known {
			t.Errorf("%s: %q", question, found.Turn.Answer)
		}
	}
	for name, term := range terms() {
		if name == "" || term.english == "" || !retrieve.IsChinese(term.chinese) {
			t.Errorf("the term %q: %+v", name, term)
		}
	}
}
