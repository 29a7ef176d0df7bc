package bench

// The features by which a key is foretold, all of them 0 or 1 or a share. Places are relative to
// the key, so that what is learned of one key holds for all; its own place is told besides.
const (
	nearFrames = 6  // frames of which the keys around are seen,
	nearKeys   = 12 // on each side
	farKeys    = 4  // the same of the frames of farFrames
	classes12  = 12
	beats      = 16 // quarter notes by which places in a piece are told apart
	firstOnes  = 4  // frames at the beginning that are told apart
	mostVoices = 5  // above or below, and more
	mostHeld   = 8  // frames
	givenKeys  = 24 // below, of the frame itself
)

// farFrames are how many frames ago the others are.
var farFrames = []int{7, 8, 12, 16}

// A keyFeatures writes features. Its keys are those that are foretold.
type keyFeatures struct {
	from, to int  // keys, without the last
	chained  bool // whether the lower keys of the frame are seen
}

// width is the number of features.
func (k *keyFeatures) width() int {
	n := nearFrames*(2*nearKeys+1) + len(farFrames)*(2*farKeys+1) + 7*classes12 + k.keys() + classes12 + beats + firstOnes + 2*(mostVoices+1) + 2*classes12 + 2*mostHeld
	if k.chained {
		n += givenKeys + mostVoices + 1 + 2*classes12
	}
	return n
}

func (k *keyFeatures) keys() int { return k.to - k.from }

// A featureRow is written from the left.
type featureRow struct {
	x  []float32
	at int
}

// one sets one of n features, none if i is out of range.
func (w *featureRow) one(i, n int) {
	if i >= 0 && i < n {
		w.x[w.at+i] = 1
	}
	w.at += n
}

// keysAround are those of a frame on each side of a key.
func (w *featureRow) keysAround(f frame, key, side int) {
	for d := -side; d <= side; d++ {
		if f.has(key + d) {
			w.x[w.at+d+side] = 1
		}
	}
	w.at += 2*side + 1
}

// classesOf adds a share for each pitch class of a frame, from that of the key on.
func (w *featureRow) classesOf(f frame, key int, share float32) {
	for low := f; low != (frame{}); {
		at := low.lowest()
		w.x[w.at+((at-key)%classes12+classes12)%classes12] += share
		low = low.without(at)
	}
}

// without is the frame without a key.
func (f frame) without(key int) frame {
	if key < 64 {
		f.low &^= 1 << key
	} else {
		f.high &^= 1 << (key - 64)
	}
	return f
}

// before is a frame of the past, empty before the piece.
func (r roll) before(t, ago int) frame {
	if t-ago < 0 {
		return frame{}
	}
	return r[t-ago]
}

// write writes the features of a key of a frame into zeros.
func (k *keyFeatures) write(x []float32, r roll, t, key int) {
	w := &featureRow{x: x}
	for ago := 1; ago <= nearFrames; ago++ {
		w.keysAround(r.before(t, ago), key, nearKeys)
	}
	for _, ago := range farFrames {
		w.keysAround(r.before(t, ago), key, farKeys)
	}
	for ago := 1; ago <= 4; ago++ {
		w.classesOf(r.before(t, ago), key, 1)
		w.at += classes12
	}
	for _, span := range [][2]int{{5, 8}, {9, 16}, {1, t}} { // averages
		for ago := span[0]; ago <= span[1] && ago <= t; ago++ {
			w.classesOf(r.before(t, ago), key, 1/float32(span[1]-span[0]+1))
		}
		w.at += classes12
	}
	w.one(key-k.from, k.keys())
	w.one(key%classes12, classes12)
	w.one(t%beats, beats)
	w.one(t, firstOnes)
	last := r.before(t, 1)
	under := last.below(key).count()
	over := last.count() - under
	if last.has(key) {
		over--
	}
	w.one(min(under, mostVoices), mostVoices+1)
	w.one(min(over, mostVoices), mostVoices+1)
	for _, edge := range []int{last.lowest(), last.highest()} {
		if edge < 0 {
			w.at += classes12
			continue
		}
		w.one(((edge-key)%classes12+classes12)%classes12, classes12)
	}
	held := 1
	for held < mostHeld && held <= t && r.before(t, held+1).has(key) == last.has(key) {
		held++
	}
	if last.has(key) {
		w.one(held-1, mostHeld)
		w.at += mostHeld
	} else {
		w.at += mostHeld
		w.one(held-1, mostHeld)
	}
	if k.chained {
		k.writeGiven(w, r[t].below(key), key)
	}
}

// writeGiven writes what the lower keys of the frame say.
func (k *keyFeatures) writeGiven(w *featureRow, given frame, key int) {
	for d := 1; d <= givenKeys; d++ {
		if given.has(key - d) {
			w.x[w.at+d-1] = 1
		}
	}
	w.at += givenKeys
	w.one(min(given.count(), mostVoices), mostVoices+1)
	w.classesOf(given, key, 1)
	w.at += classes12
	low := given.lowest()
	if low < 0 {
		w.at += classes12
		return
	}
	w.one(((low-key)%classes12+classes12)%classes12, classes12)
}
