package picture

import "encoding/binary"

// openGIF splits a GIF (GIF89a, CompuServe 1990) into blocks.
func (f *File) openGIF() error {
	b := f.source
	if len(b) < 13 {
		return damaged("the header is too short")
	}
	if err := f.setSize(int(binary.LittleEndian.Uint16(b[6:])), int(binary.LittleEndian.Uint16(b[8:]))); err != nil {
		return err
	}
	f.memory = f.Width * f.Height
	at := 13 + colourTable(b[10])
	if at > len(b) {
		return damaged("the colours end after the file")
	}
	f.add(needed, b[:at])
	frames := 0
	for at < len(b) {
		start, kind := at, b[at]
		r, next := about, 0
		switch kind {
		case ';':
			f.add(needed, b[at:at+1])
			if at+1 < len(b) {
				f.add(about, b[at+1:])
			}
			return nil
		case '!':
			if len(b)-at < 2 {
				return damaged("an extension ends after the file")
			}
			if next = subBlocks(b, at+2); b[at+1] == 0xf9 { // graphic control extension of the next frame
				r = frameRole(frames)
			}
		case ',':
			if len(b)-at < 10 {
				return damaged("a frame ends after the file")
			}
			r, next = frameRole(frames), subBlocks(b, at+10+colourTable(b[at+9])+1)
			if frames == 0 {
				f.least = int(binary.LittleEndian.Uint16(b[at+5:])) * int(binary.LittleEndian.Uint16(b[at+7:])) / lzwRatio
			}
			frames++
		default:
			return damaged("no block begins at byte %d", at)
		}
		if next < 0 {
			return damaged("the block at byte %d ends after the file", start)
		}
		f.add(r, b[start:next])
		at = next
	}
	return damaged("it has no end")
}

func frameRole(frames int) role {
	if frames == 0 {
		return needed
	}
	return later
}

// colourTable is the size in bytes of the colour table described by the flags.
func colourTable(flags byte) int {
	if flags&0x80 == 0 {
		return 0
	}
	return 3 << (flags&7 + 1)
}

// subBlocks returns the end of a chain of sub-blocks, -1 if it does not end.
func subBlocks(b []byte, at int) int {
	for at < len(b) {
		length := int(b[at])
		at += 1 + length
		if length == 0 {
			return at
		}
	}
	return -1
}
