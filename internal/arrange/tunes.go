package arrange

import (
	"slices"
	"strings"

	"atelier/internal/music"
)

// A Tune is a melody in ABC.
type Tune struct {
	Title, Composer string // the composer is "trad." where it is not known
	Origin, Kind    string // where and when it comes from; what kind of tune it is
	ABC             string
}

// ReadTunes adds the tunes of a book in ABC, which are parted by blank lines. Its errors begin
// with the line.
func (b *Book) ReadTunes(text string) error {
	all := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	for at := 0; at < len(all); at++ {
		if !strings.HasPrefix(all[at], "X:") {
			if s := strings.TrimSpace(all[at]); s != "" && !strings.HasPrefix(s, "%") {
				return line{number: at + 1}.wrong("%q belongs to no tune; want X: first", s)
			}
			continue
		}
		end := at
		for end < len(all) && strings.TrimSpace(all[end]) != "" {
			end++
		}
		t := Tune{ABC: strings.Join(all[at:end], "\n") + "\n"}
		names, values := []string{"T", "C", "O", "R"}, []*string{&t.Title, &t.Composer, &t.Origin, &t.Kind}
		for _, l := range all[at:end] {
			name, value, _ := strings.Cut(l, ":")
			if i := slices.Index(names, name); i >= 0 && *values[i] == "" {
				*values[i] = strings.TrimSpace(value)
			}
		}
		for i, v := range values {
			if *v == "" {
				return line{number: at + 1}.wrong("the tune has no %s:", names[i])
			}
		}
		if !slices.Contains(Kinds, t.Kind) {
			return line{number: at + 1}.wrong("no kind of tune %q (R:); want one of %s", t.Kind, strings.Join(Kinds, ", "))
		}
		if _, err := t.Score(); err != nil {
			return line{number: at + 1}.wrong("%s %w", t.Title, err)
		}
		b.Tunes = append(b.Tunes, t)
		at = end
	}
	return nil
}

// Score is the tune as a piece.
func (t *Tune) Score() (*music.Score, error) {
	p, err := music.Read([]byte(t.ABC))
	if err != nil {
		return nil, err
	}
	return p.Score, nil
}
