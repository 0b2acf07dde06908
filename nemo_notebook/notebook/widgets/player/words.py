"""The player's labels: English, Chinese."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, tuple[str, str]]] = {
    "player": ("Player", "播放器"),
    "play": ("Play (K)", "播放 (K)"),
    "pause": ("Pause (K)", "暂停 (K)"),
    "mute": ("Mute (M)", "静音 (M)"),
    "unmute": ("Unmute (M)", "取消静音 (M)"),
    "volume": ("Volume", "音量"),
    "loop": ("Loop", "循环播放"),
    "speed": ("Speed", "播放速度"),
    "aside": ("Picture in picture", "画中画"),
    "full": ("Full screen (F)", "全屏 (F)"),
    "small": ("Leave full screen (F)", "退出全屏 (F)"),
    "position": ("Position", "播放位置"),
    "of": ("{at} of {whole}", "{at} / {whole}"),
    "preview": ("Preview", "预览"),
    "again": ("Try again", "重试"),
    "cancel": ("Cancel", "取消"),
    "auto": ("Preview after each edit", "每次编辑后预览"),
    "auto why": (
        "Without it, a preview is made only when you press Preview.",
        "取消勾选后，只有点击“预览”才会生成预览。",
    ),
    "rendering": ("Rendering the preview… {percent} %", "正在渲染预览… {percent} %"),
    "left": ("{left} left", "剩余 {left}"),
    "loading": ("Loading {done} of {whole}", "正在加载 {done} / {whole}"),
    "ready": ("The preview is ready.", "预览已就绪。"),
    "is preview": ("Preview {size}", "预览 {size}"),
    "is export": ("Exported {size}", "已导出 {size}"),
    "is square export": ("Square export {size}", "方形导出 {size}"),
    "is tall export": ("Vertical export {size}", "竖屏导出 {size}"),
    "is wide export": ("Horizontal export {size}", "横屏导出 {size}"),
    "other shape": ("This export has another shape than the film.", "此导出的画幅与影片不同。"),
    "is old": ("Out of date", "已过期"),
    "old why": ("This is of an earlier timeline: it has been edited since.", "这是较早时间线的版本，之后已有编辑。"),
    "nothing": ("Nothing to play yet", "暂无可播放的内容"),
    "nothing why": (
        "Add media and say what you want: the film plays here.",
        "添加素材并说出你的想法，影片会在这里播放。",
    ),
    "unseen": ("The timeline is ready to be seen", "时间线已可以预览"),
    "unseen why": ("A preview is small and quick; an export has full quality.", "预览小而快；导出为完整画质。"),
    "export first": ("Export to watch it", "导出后即可观看"),
    "export first why": (
        "This backend makes no previews. Exports play here.",
        "此后端不提供预览，导出的影片会在这里播放。",
    ),
    "not played": ("A browser does not play this kind of file.", "浏览器无法播放此类文件。"),
    "too large": ("Too large to be played here. The file is {path}.", "文件过大，无法在此播放。文件位于 {path}。"),
    "no bytes": ("The film could not be loaded.", "影片无法加载。"),
    "download": ("Download", "下载"),
    "still": ("Picture", "图片"),
    "sound": ("Sound", "音频"),
}
