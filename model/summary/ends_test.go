package summary

import (
	"slices"
	"strings"
	"testing"
)

// Sentences that end in a number end there, and numbers of lists, labels, ordinals and what an
// abbreviation leads on to end none. The end of each is marked with |.
func TestNumbersEndSentences(t *testing.T) {
	for _, marked := range []string{
		"The mill was built in 1820.| It burned down in 1911.| Nobody came back.| We sold 45.| They bought 3.|",
		"It costs $3.50.| He paid 1,200.| It rose by 50%.| It lasted 1914-1918.| We use Go 1.26.| It works.|",
		"He said \"in 1820.\"| It was built in 1911.| \"We left,\" they said.|",
		"1. Wash the rice.| 2. Dry it.| 3. Cook it.|",
		"The steps are: 1. Wash 2. Dry 3. Iron and go.|",
		"Figure 5. The mill at night.| Table 3. Results of it all.|",
		"It was the 12. March of that year.| See No. 5 and vol. 2, pp. 3-5.| They took No. 7.| Then they left.|",
		"Am 3. Oktober 1990 kam er.| Im 19. Jahrhundert war das so.| Sie brannte 1911.| Niemand kam.|",
		"It learns tokens (Sennrich et al. 2016, arXiv:1508.07909) first.| Smith et al. (2016) say so.| Jones et al. [3] too.|",
		"This is as in Sennrich et al.| Neural networks came later.| See Fig. 5 and Eq. 4.| Approx. 5 people came.|",
	} {
		var got strings.Builder
		text := strings.ReplaceAll(marked, "|", "")
		at := 0
		for _, s := range split(text) {
			if text[s.start:s.start+len(s.text)] != s.text || s.start != at {
				t.Errorf("%q stands at %d, after %d", s.text, s.start, at)
			}
			got.WriteString(s.text + "|")
			at += len(s.text)
		}
		if got.String() != marked {
			t.Errorf("got  %q\nwant %q", got.String(), marked)
		}
	}
}

// Nothing is lost of a paragraph of such ends alone, and dividing it takes no time that grows with its square.
func TestManyEnds(t *testing.T) {
	for _, one := range []string{"x al. 1 ", "b c 1. A ", "the b 1. A ", "1. A ", "al. "} {
		text := strings.Repeat(one, mostLine/len(one))
		whole := ""
		for _, s := range split(text) {
			whole += s.text
		}
		if strings.TrimSpace(whole) != strings.TrimSpace(text) {
			t.Errorf("%q: text was lost", one)
		}
	}
	if got := listNumbers("1. A 2. B 5. C"); !slices.Equal([]bool{got[0], got[5], got[10]}, []bool{true, true, false}) {
		t.Errorf("list numbers at %v", got)
	}
}
