package retrieve

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	snowball "github.com/kljensen/snowball/english"
)

// Terms are what a question and a passage can have in common: stems of English words that say
// something, other words in small letters, and of Chinese the pairs of neighbouring characters
// within what function words leave, which need no dictionary.
func Terms(text string) (all []string) {
	for _, piece := range pieces(text) {
		if isHan(piece) {
			all = append(all, pairs(piece)...)
			continue
		}
		if asking[piece] || snowball.IsStopWord(piece) || len(piece) == 1 && piece[0] >= 'a' {
			continue
		}
		all = append(all, snowball.Stem(piece, false))
	}
	return all
}

// pieces are the words of a text in small letters, and its runs of Chinese characters.
func pieces(text string) []string {
	return strings.FieldsFunc(strings.ToLower(spaced(text)), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r)
	})
}

// spaced puts blanks between Chinese characters and what is none.
func spaced(text string) string {
	var b strings.Builder
	before := false
	for i, r := range strings.ReplaceAll(strings.ReplaceAll(text, "'s ", " "), "’s ", " ") {
		han := unicode.Is(unicode.Han, r)
		if i > 0 && han != before {
			b.WriteByte(' ')
		}
		before = han
		b.WriteRune(r)
	}
	return b.String()
}

// pairs are the pairs of neighbouring characters of Chinese without its function words; of a
// character between two of them, itself.
func pairs(text string) (all []string) {
	for _, part := range withoutStops(text) {
		runes := []rune(part)
		if len(runes) == 1 {
			all = append(all, part)
		}
		for i := range max(0, len(runes)-1) {
			all = append(all, string(runes[i:i+2]), string(runes[i]))
		}
		if len(runes) > 1 {
			all = append(all, string(runes[len(runes)-1]))
		}
	}
	return all
}

// withoutStops are what function words leave of Chinese.
func withoutStops(text string) []string {
	for _, word := range chineseStops {
		text = strings.ReplaceAll(text, word, " ")
	}
	return strings.Fields(text)
}

// HasWord reports whether a text has a word of a Chinese question: two characters that are neighbours
// in it, or all that function words leave of a part. Single ones of more are shared by chance. Of
// questions in other languages any term is a word.
func HasWord(question, text string) bool {
	terms := map[string]bool{}
	for _, term := range Terms(text) {
		terms[term] = true
	}
	for _, piece := range pieces(question) {
		if !isHan(piece) {
			return true
		}
		for _, part := range withoutStops(piece) {
			all := true
			for _, term := range pairs(part) {
				single := utf8.RuneCountInString(term) == 1
				if !single && terms[term] {
					return true
				}
				all = all && (!single || terms[term])
			}
			if all {
				return true
			}
		}
	}
	return false
}

func isHan(word string) bool {
	for _, r := range word {
		return unicode.Is(unicode.Han, r)
	}
	return false
}

// IsChinese reports whether a text is in Chinese, wholly or in part.
func IsChinese(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Han, r) })
}

// asking are words of questions that say nothing of what is asked for.
var asking = func() map[string]bool {
	known := map[string]bool{}
	for _, w := range strings.Fields("can could would should shall may might must please tell want need like get use using used make does did done do is are be let know show give way thing something anything someone possible able want wants there here one also really just much many") {
		known[w] = true
	}
	return known
}()

// chineseStops are function words and words of questions, the longest first.
var chineseStops = func() []string {
	all := strings.Fields("为什么 什么样 怎么样 怎么办 有没有 能不能 可不可以 会不会 是不是 需不需要 要不要 请问 怎么 怎样 如何 什么 可以 能够 能否 是否 哪些 哪个 哪种 哪里 哪儿 多少 告诉 一下 一个 一些 这个 那个 这些 那些 我们 你们 他们 它们 如果 应该 需要 想要 以及 或者 还是 因为 所以 的 了 吗 呢 吧 啊 我 你 他 她 它 是 在 把 被 和 与 有 请 给 让 对 从 到 能 会 要 想 就 都 也 很 里 上 中 为 将 该 用 做 几 去 来 这 那 个 后 时 得 着 过 并 又 再 只")
	slices.SortStableFunc(all, func(a, b string) int { return len(b) - len(a) })
	return all
}()
