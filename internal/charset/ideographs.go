package charset

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding"
)

// The most frequent characters of each language, by which encodings are told apart.
const (
	simplified  = "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日军者意无力它与长把机十民第公此已工使情明性知全三又关点正业外将两高间由问很最重并物手应战向头文体政美相见被利什二等产或新己制身果加西斯月话合回特代内信表化老给世位次度门任常先海通教儿原东声提立及比员解水名真论处走义各入几口认条平系气题活尔更别打女变四神总何电数安少报才结反受目太量再感建务做接必场件计管期市直德资命山金指克许统区保至队形社便空决治展马科司五基眼书非则听白却界达光放强即像难且权思王象完设式色路记南品住告类求据程北边死张该交规万取拉格望觉术领共确传师观清今切院让识候带导争运风花春云江城千夜归独未落青"
	traditional = "的一是不了在人有我他這個們中來上大為和國地到以說時要就出會可也你對生能而子那得於著下自之年過發後作裡用道行所然家種事成方多經麼去法學如都同現當沒動面起看定天分還進好小部其些主樣理心她本前開但因只從想實日軍者意無力它與長把機十民第公此已工使情明性知全三又關點正業外將兩高間由問很最重並物手應戰向頭文體政美相見被利什二等產或新己制身果加西斯月話合回特代內信表化老給世位次度門任常先海通教兒原東聲提立及比員解水名真論處走義各入幾口認條平系氣題活爾更別打女變四神總何電數安少報才結反受目太量再感建務做接必場件計管期市直德資命山金指克許統區保至隊形社便空決治展馬科司五基眼書非則聽白卻界達光放強即像難且權思王象完設式色路記南品住告類求據程北邊死張該交規萬取拉格望覺術領共確傳師觀清今切院讓識候帶導爭運風花春雲江城千夜歸獨未落青曰乃矣焉乎哉吾故夫君臣帝"
	syllables   = "이다는의에하고을가한지로기도리사은를아자대인해어그서시나있들전정스일게부주수보라상구제안원여장만무적공과소면비조계우으동위생마오모선치신문분학니유거미성경내요관방국각중세연용까때것말없같더었았습했된할될당물본업식음진통행화회표얼굴쪽트살색호남람손형드크래파른레프바양버포달반타발눈운러왼터교린향차간피두산노검별키카랑체디함등삼악실입튼슬개금권머든작와웃배열영워코날케임락메단채름편림감흰재술클초토괄루료애플복블류합건티근링점테집품빨새란글저츠난불승축커렌르역벌절결골야종꽃심짝명병목외받처판직투데누법즈귀질브울느추접깃강돌현농려곱핑박황력태또예따닥늬페언속침퍼좌돈휴큰알끼평며증립갈옴쇠북움폐딩엄활밀놀볼망매택꼬빈풍쓰엔격막혼빌베씨히충몬죽먹책민줄너닫쌍청족낌짓폰휠변탄둥백뽀푸힌숭철록육헤맨네팔깨찰롤완촉칼럭번송천짐욕올픈흘곤랙잎되않필잔녹후돼잡캡독픔왕슈항긴곡님쇼킹곰잠찌쓴염밝꺾암춤콜낫환낙졸패쥐험뱀폭녀념약창온엑뒤끄콤친설핸봉헬켓론압출떠석컴땀빠짜몰쿨뾰윈늘십엘펜젓밥션범능괴톤액빼옆뜨틱톱섯퓨팡퀴좋롱갓쿠밤멧댄벽튀벨월럽존얀랍숨멍걸냄닝램셔텔꿀콩랜및참담끝광엉찡빛맥싱솔견런빗샌례군쁨맙김뿔극먼걷찾옷규죄"
)

// Weights of characters.
const (
	common   = 3
	likely   = 1
	neutral  = 0
	unlikely = -2
	absurd   = -6
)

// set is a fast set of the characters of a string.
func set(s string) map[rune]bool {
	m := make(map[rune]bool, len(s)/3)
	for _, r := range s {
		m[r] = true
	}
	return m
}

// quick is [set], computed on first use.
func quick(s string) func() map[rune]bool {
	return sync.OnceValue(func() map[rune]bool { return set(s) })
}

// levelOne returns the characters that an encoding's standard lists as frequent: those whose first
// byte is in the range.
func levelOne(e encoding.Encoding, first, last byte) map[rune]bool {
	var all []byte
	for lead := first; lead <= last; lead++ {
		for trail := 0x40; trail < 0xff; trail++ {
			if trail < 0x7f || trail > 0xa0 {
				all = append(all, lead, byte(trail))
			}
		}
	}
	s, _ := decode(e, all)
	return set(strings.ReplaceAll(s, "\ufffd", ""))
}

// han weighs characters by their frequency in Chinese texts.
func han(frequent string, level map[rune]bool) func(before, r, after rune) int {
	most := set(frequent)
	return func(before, r, after rune) int {
		switch {
		case most[r]:
			return common
		case cjkMark(r):
			return likely
		case !unicode.Is(unicode.Han, r), between(before, after):
			return absurd
		case level[r]:
			return likely
		}
		return unlikely
	}
}

// cjkMark reports whether a character is a punctuation mark of Chinese or Japanese.
func cjkMark(r rune) bool {
	return strings.ContainsRune("，。、！？：；“”‘’（）《》「」『』—…·　", r) || r >= '０' && r <= '９'
}

// between reports whether both neighbours are Latin letters of ASCII.
func between(before, after rune) bool { return isASCIILetter(before) && isASCIILetter(after) }

func isASCIILetter(r rune) bool { return r|0x20 >= 'a' && r|0x20 <= 'z' && r < utf8.RuneSelf }

var kanji = quick("日一国人年大十二本中長出三時行見月後前生五間上東四今金九入学高円子外八六下来気小七山話女北午百書先名川千水半男西電校語土木聞食車何南万毎白天母火右読友左休父雨彼私僕自分手者事思言新場会的家世心物方同地体理作部定業社員内明目彦々様")

// kana weighs characters by their frequency in Japanese texts.
func kana(before, r, after rune) int {
	switch {
	case r >= 'ぁ' && r <= 'ん', kanji()[r]:
		return common
	case r >= 'ァ' && r <= 'ー':
		return common - 1
	case cjkMark(r):
		return likely
	case r >= '｡' && r <= 'ﾟ', between(before, after):
		return unlikely - 1
	case unicode.Is(unicode.Han, r):
		return neutral
	}
	return absurd
}

var frequentHangul = quick(syllables)

// hangul weighs characters by their frequency in Korean texts.
func hangul(before, r, after rune) int {
	switch {
	case frequentHangul()[r]:
		return common
	case cjkMark(r):
		return likely
	case between(before, after):
		return absurd
	case unicode.Is(unicode.Hangul, r):
		return likely
	case unicode.Is(unicode.Han, r):
		return unlikely
	}
	return absurd
}

var (
	chinese    = quick(simplified + traditional)
	wideScript = []*unicode.RangeTable{unicode.Latin, unicode.Cyrillic, unicode.Greek, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Arabic, unicode.Hebrew, unicode.Thai, unicode.Devanagari}
)

// wide weighs characters of UTF-16, including ASCII: characters of one script tend to be adjacent.
func wide(before, r, after rune) int {
	switch {
	case r >= ' ' && r < 0x7f, r == '\n', r == '\r', r == '\t', chinese()[r], cjkMark(r):
		return common
	case unicode.Is(unicode.Han, r), unicode.Is(unicode.Hangul, r) && !frequentHangul()[r]:
		return neutral
	case r == '\ufeff':
		return likely
	}
	for _, script := range wideScript {
		if unicode.Is(script, r) {
			if unicode.Is(script, before) || unicode.Is(script, after) {
				return common - 1
			}
			return unlikely
		}
	}
	return absurd
}
