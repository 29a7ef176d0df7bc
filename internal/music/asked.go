package music

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Names are other words for what [Survey.Words] says, by which a piece is asked for as well: wider
// names of its instruments, such as saxophone for a tenor sax, Chinese ones, and a word of its key
// that [Asked] makes, too.
func (s *Survey) Names() (names []string) {
	add := func(words ...string) {
		for _, w := range words {
			if !slices.Contains(names, w) {
				names = append(names, w)
			}
		}
	}
	for _, word := range s.Words() {
		add(chineseWords[word]...)
		if key, err := ParseKey(word); err == nil && strings.Contains(word, " ") {
			add(keyWord(key, true), keyWord(key, false))
			add(chineseWords[strings.Fields(word)[1]]...)
		}
	}
	add(fmt.Sprintf("%s%s拍", chineseNumber(s.Meters[0].Unit), chineseNumber(s.Meters[0].Count)))
	for _, p := range s.Parts {
		if p.Notes > 0 {
			add(namesOf(p)...)
		}
	}
	return names
}

// namesOf are the usual names of the instrument of a part, and Chinese ones.
func namesOf(p SurveyedPart) (names []string) {
	if drumNames[strings.ToLower(p.Instrument)] {
		return append([]string{"percussion"}, chineseDrums...)
	}
	program := uint8(p.Program - 1)
	for _, name := range InstrumentNames() {
		if programs, _ := InstrumentsLike(name); slices.Contains(programs, program) {
			names = append(names, name)
		}
	}
	for _, of := range chineseInstruments {
		if of.from <= program && program <= of.to {
			names = append(names, strings.Fields(of.names)...)
		}
	}
	return names
}

// keyWord is a key, or its tonic in any mode, as one word that no text has by chance: keygminor.
func keyWord(k Key, mode bool) string {
	word := "key" + strings.NewReplacer("#", "sharp", "♯", "sharp", "b", "flat", "♭", "flat").Replace(strings.ToLower(k.TonicName()[:1])+k.TonicName()[1:])
	switch {
	case mode && k.Minor:
		word += "minor"
	case mode:
		word += "major"
	}
	return word
}

// chineseKey finds a key in Chinese: G大调, 降B大调, 升F小调.
var chineseKey = regexp.MustCompile(`(升|降)?([A-Ga-g])([#♯b♭]?)\s*(大调|小调)`)

// Asked are further words for a question after music: slow for an adagio, minor for a sad piece, and
// a word of the key, which in G or G大调 names.
func Asked(question string) (words []string) {
	plain := chineseKey.ReplaceAllStringFunc(question, func(found string) string {
		part := chineseKey.FindStringSubmatch(found)
		return " " + part[2] + part[3] + map[string]string{"升": "#", "降": "b"}[part[1]] + map[string]string{"大调": " major ", "小调": " minor "}[part[4]]
	})
	d := Describe(Words(plain))
	switch d.Slowest {
	case tempoWords["slow"][0]:
		words = append(words, "slow")
	case tempoWords["moderate"][0]:
		words = append(words, "moderate")
	case tempoWords["fast"][0]:
		words = append(words, "fast")
	}
	if d.Minor {
		words = append(words, "minor")
	}
	if d.Major {
		words = append(words, "major")
	}
	if d.Key != nil {
		lower := strings.ToLower(plain)
		said := d.Key.Minor || strings.Contains(lower, "major") || d.Major
		words = append(words, keyWord(*d.Key, said))
	}
	return words
}

// chineseWords are Chinese words for what [Survey.Words] says.
var chineseWords = map[string][]string{
	"slow": {"慢", "缓慢", "慢板"}, "moderate": {"中速", "中板"}, "fast": {"快", "快板"}, "waltz": {"华尔兹", "圆舞曲"}, "jig": {"吉格舞曲"},
	"minor": {"小调"}, "major": {"大调"},
}

var chineseDrums = []string{"鼓", "架子鼓", "打击乐"}

// chineseNumber is a number of a metre in Chinese.
func chineseNumber(n int) string {
	if n >= 1 && n <= 12 {
		return strings.Fields("一 二 三 四 五 六 七 八 九 十 十一 十二")[n-1]
	}
	return fmt.Sprint(n)
}

// chineseInstruments are Chinese names of the programs of General MIDI.
var chineseInstruments = []struct {
	from, to uint8
	names    string
}{
	{0, 5, "钢琴"}, {4, 5, "电钢琴"}, {6, 6, "羽管键琴 大键琴"}, {7, 7, "古钢琴"}, {8, 8, "钢片琴"}, {9, 9, "钟琴"}, {10, 10, "八音盒"}, {11, 11, "颤音琴"},
	{12, 12, "马林巴"}, {13, 13, "木琴"}, {14, 14, "管钟"}, {15, 15, "扬琴"}, {16, 20, "风琴"}, {19, 19, "管风琴"}, {21, 21, "手风琴"}, {22, 22, "口琴"},
	{23, 23, "手风琴"}, {24, 31, "吉他"}, {24, 25, "木吉他"}, {26, 30, "电吉他"}, {32, 39, "贝斯 低音"}, {32, 32, "低音提琴"}, {40, 40, "小提琴"},
	{41, 41, "中提琴"}, {42, 42, "大提琴"}, {43, 43, "低音提琴"}, {44, 51, "弦乐"}, {46, 46, "竖琴"}, {47, 47, "定音鼓"}, {52, 52, "合唱"},
	{52, 54, "人声"}, {56, 56, "小号"}, {57, 57, "长号"}, {58, 58, "大号"}, {59, 59, "小号"}, {60, 60, "圆号 法国号"}, {56, 63, "铜管"},
	{64, 67, "萨克斯 萨克斯管"}, {68, 68, "双簧管"}, {69, 69, "英国管"}, {70, 70, "巴松 大管"}, {71, 71, "单簧管"}, {72, 72, "短笛"}, {73, 73, "长笛"},
	{74, 74, "竖笛"}, {75, 75, "排箫"}, {77, 77, "尺八"}, {78, 78, "口哨"}, {79, 79, "陶笛"}, {80, 103, "合成器"}, {104, 104, "西塔琴"}, {105, 105, "班卓琴"},
	{106, 106, "三味线"}, {107, 107, "筝"}, {108, 108, "拇指琴"}, {109, 109, "风笛"}, {110, 110, "小提琴"}, {111, 111, "唢呐"}, {114, 114, "钢鼓"},
	{115, 118, "鼓"},
}
