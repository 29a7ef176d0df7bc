package picture

import (
	"bytes"
	"encoding/binary"
	"slices"
)

// maxScans is the largest number of scans of a progressive JPEG; encoders make about ten, and a
// small file can contain thousands, which take minutes to decode.
const maxScans = 64

// The relevant markers of JPEG (ITU-T T.81).
const (
	markEnd    = 0xd9
	markScan   = 0xda
	markAPP0   = 0xe0
	markEXIF   = 0xe1
	markICC    = 0xe2
	markAdobe  = 0xee
	markAPP15  = 0xef
	markRemark = 0xfe
)

const (
	iccName = "ICC_PROFILE\x00"
	xmpName = "http://ns.adobe.com/xap/1.0/\x00"
)

// openJPEG splits a JPEG into segments; entropy-coded data belong to their scan.
func (f *File) openJPEG() error {
	b := f.source
	f.add(needed, b[:2])
	var icc [][]byte // chunks of the profile, by number
	at, scans := 2, 0
	for {
		start := at
		for at < len(b) && b[at] == 0xff {
			at++
		}
		if at >= len(b) || at == start {
			return damaged("no segment begins at byte %d", start)
		}
		mark := b[at]
		at++
		if mark == markEnd {
			f.add(needed, b[start:at])
			break
		}
		if len(b)-at < 2 || int(binary.BigEndian.Uint16(b[at:])) < 2 || len(b)-at < int(binary.BigEndian.Uint16(b[at:])) {
			return damaged("the segment at byte %d ends after the file", start)
		}
		body := b[at+2 : at+int(binary.BigEndian.Uint16(b[at:]))]
		at += len(body) + 2
		if mark == markScan {
			if scans++; scans > maxScans {
				return damaged("it has more than %d scans", maxScans)
			}
			at = endOfScan(b, at)
		}
		if isFrame(mark) {
			if err := f.frame(mark, body); err != nil {
				return err
			}
		}
		f.segment(mark, b[start:at], body)
		if mark == markICC && bytes.HasPrefix(body, []byte(iccName)) && len(body) > len(iccName)+2 {
			icc = append(icc, body[len(iccName):])
		}
	}
	if at < len(b) {
		f.add(about, b[at:]) // trailing data of some cameras
	}
	slices.SortStableFunc(icc, func(a, b []byte) int { return int(a[0]) - int(b[0]) })
	for _, p := range icc {
		f.icc = append(f.icc, p[2:]...)
	}
	return nil
}

// endOfScan returns the position of the next marker after entropy-coded data, in which 0xff is
// followed by zero or is a restart.
func endOfScan(b []byte, at int) int {
	for {
		i := bytes.IndexByte(b[at:], 0xff)
		if i < 0 || at+i+1 >= len(b) {
			return len(b)
		}
		at += i
		if next := b[at+1]; next != 0 && (next < 0xd0 || next > 0xd7) && next != 0xff {
			return at
		}
		at++
	}
}

func isFrame(mark byte) bool {
	return mark >= 0xc0 && mark <= 0xcf && mark != 0xc4 && mark != 0xc8 && mark != 0xcc
}

// frame reads the size of the picture, and the memory for its samples.
func (f *File) frame(mark byte, body []byte) error {
	if len(body) < 6 || len(body) < 6+3*int(body[5]) {
		return damaged("the frame is too short")
	}
	if err := f.setSize(int(binary.BigEndian.Uint16(body[3:])), int(binary.BigEndian.Uint16(body[1:]))); err != nil {
		return err
	}
	most, sum := 1, 0
	for i := range int(body[5]) {
		h, v := int(body[7+3*i]>>4), int(body[7+3*i]&15)
		most, sum = max(most, h*v), sum+h*v
	}
	samples := f.Width * f.Height * max(sum, 1) / most
	f.least = samples / 64 / 8 // a bit for each block of 8×8
	f.memory += samples
	if mark != 0xc0 && mark != 0xc1 {
		f.memory += 4 * samples // progressive files keep their coefficients in memory
	}
	return nil
}

// segment assigns a role to a segment.
func (f *File) segment(mark byte, raw, body []byte) {
	switch {
	case mark == markAPP0 && bytes.HasPrefix(body, []byte("JFIF\x00")) && len(body) >= 14:
		if len(body) > 14 { // a thumbnail, possibly of an earlier version
			f.whole = false
			raw = appendSegment(nil, mark, append(slices.Clone(body[:12]), 0, 0))
		}
		f.add(needed, raw)
	case mark == markEXIF && bytes.HasPrefix(body, []byte(exifName)):
		f.tiff = append(f.tiff, tiffIn(body))
		f.add(exif, raw)
	case mark == markEXIF && bytes.HasPrefix(body, []byte(xmpName)):
		f.xmp = append(f.xmp, body)
		f.add(about, raw)
	case mark == markICC && bytes.HasPrefix(body, []byte(iccName)):
		f.add(profile, raw)
	case mark == markAdobe && bytes.HasPrefix(body, []byte("Adobe")):
		f.add(needed, raw) // says how colours are coded
	case mark >= markAPP0 && mark <= markAPP15, mark == markRemark:
		f.add(about, raw)
	default:
		f.add(needed, raw)
	}
}

func appendSegment(b []byte, mark byte, body []byte) []byte {
	b = append(b, 0xff, mark)
	b = binary.BigEndian.AppendUint16(b, uint16(len(body)+2))
	return append(b, body...)
}

// jpegProfile writes a colour profile as segments.
func jpegProfile(icc []byte) (b []byte) {
	const most = 65000
	count := (len(icc) + most - 1) / most
	for i := range count {
		body := append([]byte(iccName), byte(i+1), byte(count))
		body = append(body, icc[i*most:min(len(icc), (i+1)*most)]...)
		b = appendSegment(b, markICC, body)
	}
	return b
}
