"""Which files do cameras, file system checks and operating systems write, and which of them are footage?

Extensions are in lower case and without the dot. Patterns are as profile.py has them. A file that
is in no list here and in no profile is of unknown kind: it is named and counted, because it may be footage.
"""

from __future__ import annotations

import re

VIDEO = (
    *("264", "265", "360", "3g2", "3gp", "amv", "asf", "av1", "avc", "avi", "braw", "dav", "divx", "dv"),
    *("dvr-ms", "evo", "f4v", "flv", "h264", "h265", "hevc", "hik", "insv", "ivf", "m1v", "m2p", "m2t"),
    *("m2ts", "m2v", "m4s", "m4v", "mjpeg", "mjpg", "mk3d", "mkv", "mod", "mov", "mp4", "mp4v", "mpe"),
    *("mpeg", "mpg", "mpv", "mts", "mxf", "nut", "nvr", "obu", "ogm", "ogv", "ps", "qt", "r3d", "rm", "rmvb"),
    *("ssf", "tod", "tp", "trp", "ts", "vob", "vro", "webm", "wmv", "wtv", "xvid", "y4m"),
)
AUDIO = (
    *("aac", "aif", "aiff", "amr", "awb", "caf", "flac", "m4a", "mka", "mp2", "mp3", "oga", "ogg", "opus"),
    *("wav", "wma"),
)
STILLS = (
    *("arw", "bmp", "cr2", "cr3", "dng", "gpr", "heic", "heif", "insp", "jpeg", "jpg", "nef", "png", "raf"),
    *("rw2", "srw", "tif", "tiff", "webp"),
)
# Files that a file system check makes of lost clusters: footage cut off by a power loss may be there.
# Windows writes FOUND.000/FILE0000.CHK, fsck.fat FSCK0000.REC; Android and ext4 write
# names without an extension.
RECOVERED = ("chk", "rec")
RECOVERED_IN = ("LOST.DIR/**", "lost+found/#*")
# Files that cameras keep beside their footage and that are of no interest.
OTHERS = ("cfg", "conf", "htm", "html", "inf", "ini", "pdf", "url")
FOOTAGE = (*VIDEO, *AUDIO, *STILLS, *RECOVERED)

# Ignored whatever their names: resource forks named like a clip, and files and folders of operating systems.
# Recycle bins are not among them: a clip in one is footage, and it is worth knowing that it was there.
OF_MACOS = (
    *("**/._*", "**/.DS_Store", "**/.AppleDouble/**", "**/.AppleDB/**", "**/.AppleDesktop/**"),
    *("__MACOSX/**/._*", ".TemporaryItems/**", ".Spotlight-V100/**", ".fseventsd/**"),
    *(".DocumentRevisions-V100/**", "**/.VolumeIcon.icns", ".apdisk", ".com.apple.*/**", "**/.localized"),
    *(".metadata_never_index", ".metadata_direct_scope_only", "**/.LSOverride", "**/Icon\\u{d}"),
)
OF_WINDOWS = (
    *("System Volume Information/**", "**/Thumbs.db", "**/ehthumbs.db", "**/ehthumbs_vista.db"),
    *("**/desktop.ini", "**/autorun.inf", "**/IndexerVolumeGuid", "**/WPSettings.dat", "BOOTEX.LOG"),
    *("pagefile.sys", "hiberfil.sys", "swapfile.sys", "DumpStack.log*", "ReadyBoost.sfcache"),
)
OF_LINUX = (
    *("lost+found", "**/.directory", ".xdg-volume-info", ".autorun", "**/@eaDir/**", "**/.@__thumb/**"),
)
OF_ANDROID = ("**/.nomedia", "**/.thumbnails/**")
IGNORED = (*OF_MACOS, *OF_WINDOWS, *OF_LINUX, *OF_ANDROID)

# Places that cameras and telephones keep for themselves: footage in them is taken, the rest is system files.
OWN_PLACES = (
    *("MISC/**", "Android/data/**", "Android/obb/**", "**/AVCHD/**", "**/AVF_INFO/**", "**/M4ROOT/**"),
    *("PRIVATE/SONY/**", "PRIVATE/DATABASE/**", "**/MGR_INFO/**", "**/CANONMSC/**"),
)
INDEXES = (
    *("bdm", "bdmv", "bnp", "clpi", "cpf", "cpi", "ctg", "inp", "mpl", "mpls", "pgi", "tdat", "tdt", "tid"),
    *("tidx",),
)
# Small pictures of recordings, which cameras make for their own screens.
THUMBNAILS = ("**/THMBNL/**", "**/AVCHDTN/**", "MISC/THM/**")

# --- recycle bins ----------------------------------------------------------------------------------

BINS = (
    *("**/$RECYCLE.BIN/**", "**/RECYCLER/**", "**/RECYCLED/**", ".Trashes/**", "**/.Trash/**"),
    *("**/.Trash-*/**", "**/.trashed-*", "**/#recycle/**", "**/@Recycle/**"),
)
BIN_RECORDS = (".Trashes", "**/RECYCLER/**/INFO*", "**/RECYCLED/INFO*", "**/.Trash*/**/directorysizes")

_OF_WINDOWS_BIN = re.compile(r"(.*\$RECYCLE\.BIN/(?:.*/)?\$)I([^/]*)", re.IGNORECASE | re.DOTALL)
_OF_LINUX_BIN = re.compile(r"((?:.*/)?\.Trash(?:-[^/]*|/[^/]*)?)/info/([^/]*)\.trashinfo", re.DOTALL)


def deleted_file(path: str) -> str | None:
    """Return the path of the deleted file whose old name this file of a recycle bin contains, or None.

    Windows keeps `$IABC123.MP4` for `$RABC123.MP4`, Linux `info/A.MP4.trashinfo` for `files/A.MP4`.
    """
    if found := _OF_WINDOWS_BIN.fullmatch(path):
        return f"{found[1]}R{found[2]}"
    if found := _OF_LINUX_BIN.fullmatch(path):
        return f"{found[1]}/files/{found[2]}"
    return None
