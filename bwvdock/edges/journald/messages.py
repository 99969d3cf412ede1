"""Which messages does the log have: their ids for journald, and what an event that is not a fact says?

MESSAGE_ID is how journald knows a kind of message: `journalctl MESSAGE_ID=...` selects it, `journalctl -x`
explains it from the catalogue (manual/catalogue.py). An id is given once, at random, and never changes or is
used again: people and programs hold on to it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from bwvdock.edges.journald.camera_messages import CAMERA_ALERTS, CAMERA_FACTS
from bwvdock.edges.journald.feed_messages import FEED_EVENTS
from bwvdock.edges.journald.message import Message

RAISED, ENDED = "alert_raised", "alert_ended"
_FIELD = re.compile(r"\{(\w+)\}")


def message_id(event: Mapping[str, str]) -> str:
    """Return the id of an event's message; "" for none. An alert that began has the id of its code."""
    name = event.get("event", "")
    if name == RAISED and event.get("code") in ALERTS:
        return ALERTS[event["code"]]
    return EVENTS[name].id if name in EVENTS else FACTS.get(name, "")


def advises(event: Mapping[str, str]) -> bool:
    """Return whether the catalogue shows what to do about an event."""
    message = EVENTS.get(event.get("event", ""))
    return message is not None and message.advises


def sentence_of(event: Mapping[str, object]) -> str:
    """Return what an event that is not a fact says, without the fields that it lacks; "" where not known."""
    message = EVENTS.get(str(event.get("event", "")))
    if message is None:
        return ""
    return _FIELD.sub(lambda field: str(event.get(field[1]) or ""), message.sentence).strip()


EVENTS: Mapping[str, Message] = {
    "ready": Message(
        "8627c58964fa4ede88e2a208b01357e6",
        "Dock {dock} is ready.",
        "The daemon has started, and serves cameras, operators and stores.",
    ),
    "stopping": Message(
        "214e162ac43f48548ae6956a58ae1e09",
        "The daemon is stopping.",
        "It was asked to stop. Copies that are under way halt and resume later from where they were.",
    ),
    "config_rejected": Message(
        "f06616b2d11f468eb51ef506fd46e104",
        "The changed configuration was rejected: {reason}",
        "The configuration was read again and has a mistake. The previous one stays in force.",
        advises=True,
    ),
    "operator_request": Message(
        "0cab32114bec4943a2296ee4564f27fe",
        "{actor} asked the daemon for: {request}.",
        "A command was typed that the daemon carries out or refuses.",
    ),
    "metrics_failed": Message(
        "50948904beb44a539a2647f62331a5c7",
        "The figures could not be published ({what}): {reason}",
        "A monitoring system reads old figures, or none. The dock itself is not affected, and tries again.",
        advises=True,
    ),
    "metrics_back": Message(
        "dec574fe7dc4479d820adad629d6b695",
        "The figures are published again ({what}).",
        "A monitoring system reads new ones.",
    ),
    "status_asked": Message(
        "07f8a5b2ba5244798d793415cd60be1a",
        "{actor} asked for the status.",
        "Logged at the level debug alone.",
    ),
    "control_trouble": Message(
        "918f5ebb861549068cea3cfbbcae0b77",
        "Something went wrong at the control socket: {reason}",
        "One exchange with a command failed; the daemon and other commands were not affected.",
    ),
    "camera_failed": Message(
        "9e73610f94ce490096368561ec699190",
        "Camera {camera} in bay {bay} failed: {reason}",
        "It cannot be read. Footage that is not copied yet is still on it.",
        advises=True,
    ),
    "camera_waits": Message(
        "3efc0af815fe4eb385636def93be1c45",
        "Camera {camera} in bay {bay} waits: {reason}",
        "It cannot be copied just now; the dock tries again by itself.",
        advises=True,
    ),
    "destination_lost": Message(
        "7b39551f9e56470f8cba43710392abe7",
        "Destination {destination} does not accept uploads: {reason}",
        "Its footage waits in the spool, and parts of uploads that it has are kept. Other destinations "
        "are served.",
        advises=True,
    ),
    "destination_back": Message(
        "3d5a4c5edfd24068b0435d5e1692c19e",
        "Destination {destination} accepts uploads again.",
        "What waited for it is uploaded now.",
    ),
    "upload_begun": Message(
        "d76d7616c9a34a42bdfa938e2fd15f55",
        "The upload of clip {clip} to {destination} has begun.",
        "The store was asked to take the clip; nothing is proven yet.",
    ),
    "clip_parked": Message(
        "5b8f2d51bbe644a4a776f82ae319f1f9",
        "Clip {clip} keeps failing at {destination} and is tried once an hour: {reason}",
        "Other clips get through. None is given up.",
        advises=True,
    ),
    "job_failed": Message(
        "147eb85f257a4d4abdff9a9e980152cc",
        "The job {job} failed. {reason}",
        "If it has a traceback, it met an error that nobody was prepared for: report it to the maintainers. "
        "It concerns one camera, one destination or one task; the dock continues.",
        advises=True,
    ),
    "journal_full": Message(
        "25eb5cba61bb4d80a25833a4efd64542",
        "The journal's disk is full. {reason}",
        "Nothing is recorded, and cameras keep their footage. The dock resumes by itself once there is room.",
        advises=True,
    ),
    "journal_back": Message(
        "8e75791fa5194689a436bfc8747546b6",
        "The journal takes entries again.",
        "There is room on its disk; what waited is recorded now.",
    ),
    "journal_damaged": Message(
        "6a3c9dcc6a064c71a1416fd9f9dca234",
        "The journal is damaged. {reason}",
        "Nothing more is recorded or taken: what the journal says may be wrong. Keep a copy of it before "
        "anything else.",
        advises=True,
    ),
    "folder_polled": Message(
        "3b34905ec66e40599ce10427ea02cca9",
        "The folder of camera {camera} is looked through at intervals: {reason}",
        "The system does not report changes there at once.",
    ),
    "folder_silent": Message(
        "f09c5def2cb14887933630fa22708c5e",
        "The folder of camera {camera} does not answer.",
        "Its file system hangs, and nothing is taken from it; other cameras are served.",
    ),
    "folder_back": Message(
        "5870be3e89124d7890ea89d0616fcd3a",
        "The folder of camera {camera} answers again.",
        "It is listed again.",
    ),
    "checkpoint_failed": Message(
        "94e9a4887aad4de3b11142183471256d",
        "The journal could not be signed: {reason}",
        "No signed checkpoint covers the newest entries. The signer is asked again, at most a minute later.",
        advises=True,
    ),
    "checkpoints_back": Message(
        "33cc9d71fe604466bc8638b08ada90e9",
        "The journal is signed again.",
        "A checkpoint covers the entries that waited for one.",
    ),
    "checkpoint_not_stored": Message(
        "279fa872aea04b87930620b5fc792ba5",
        "A signed checkpoint could not be stored: {reason}",
        "It is kept on the dock, and is offered to the store again.",
        advises=True,
    ),
    "witness_lost": Message(
        "22cb37bf3dcf4fb684f8a71c8f72f347",
        "Witness {witness} does not confirm the journal: {reason}",
        "Nothing stops. It is asked again.",
        advises=True,
    ),
    "witness_back": Message(
        "53aa16cb407b4cb48bd95fe022d4c583",
        "Witness {witness} confirms the journal again.",
        "It has confirmed a checkpoint that covers what waited.",
    ),
    "alarm_not_kept": Message(
        "034eb234afde4befbe5c2bf6eb971f5f",
        "A witness's statement could not be stored: {reason}",
        "The alarm holds as long as the daemon runs; the file that keeps it over a restart was not written.",
        advises=True,
    ),
    "time_stamp_failed": Message(
        "7c9ab2cdd3f54c589980a28eac00c720",
        "A checkpoint was not stamped with the time: {reason}",
        "The time-stamping service is asked again; a later stamp covers what was signed before it.",
        advises=True,
    ),
    "notified": Message(
        "eacb0939740641edaef4b833dfcc5e2b",
        "{target} took a message about {alerts} alert(s): {answer}",
        "Who is notified of what, and when: [notify] in the configuration.",
    ),
    "notify_failed": Message(
        "2f98b623db8b46d6b7b541a6f8265799",
        "Alerts do not reach {target}: {reason}",
        "Messages for it are kept on the dock and sent again, also after a restart.",
        advises=True,
    ),
    "notify_back": Message(
        "2ff5e89f19ec47b89387a3f4226ff79d",
        "Alerts reach {target} again.",
        "What was kept for it is sent now, oldest first.",
    ),
    "notify_dropped": Message(
        "15c7dc61197e4023adccedc593c7ec4a",
        "{messages} message(s) about alerts for {target} were given up: {reason}",
        "The next message to it says how many. What is wrong now: bwvdock status.",
    ),
    "notify_not_kept": Message(
        "7ab22105ed3a4ca6913ba821d2b2adc1",
        "Messages about alerts for {target} are not kept over a restart: {reason}",
        "Messages are sent all the same. After a restart some may be sent again, or not at all.",
        advises=True,
    ),
    **FEED_EVENTS,
    "alert_raised": Message(
        "1fdfd04ab2364517b07e4dd9c9467424",
        "{alert}",
        "Each alert has an explanation of its own.",
        advises=True,
    ),
    "alert_ended": Message(
        "5216754336e94675bf8ffdfbcb90045f",
        "Alert ended: {code}.",
        "What the alert was about was not seen any more when the dock looked last; the field ALERT "
        "has its last words.",
    ),
}

ALERTS: Mapping[str, str] = CAMERA_ALERTS | {
    "camera-refused": "684f34c76ca24957a2a88f089df77464",
    "camera-failed": "5b606e9e3ec1400ca10c296fbf3d37d6",
    "cameras-absent": "5977536ec6db4bc8a3a750e628ed6c8f",
    "folder-silent": "f9659c95b3fa452eb19c6272fd67c150",
    "folder-missing": "e5fccf61801c471084f81f6ec131c785",
    "files-unknown": "00041e5c2e294944900e8ee76da8252e",
    "marks-meaningless": "ea10b955034a41109eab52289072ede2",
    "marks-frequent": "a43a297e129346d096272a71be85fef1",
    "times-doubtful": "fa8cafc8db59418e8af8a94bc8180a2f",
    "clips-duplicated": "ac49e17733f54cffa411ecec3556c965",
    "camera-digest-differs": "106ff7a7e9d046e28ade4b922e47a909",
    "feed-behind": "3ef35c519bd54c558a76c775a39a442b",
    "clips-skipped": "92f3d8a476fa416fac7b4510587aa351",
    "clips-lost": "c3e418583fbb4ecdbc58ef9ddaaea62c",
    "numbers-missing": "9a5031069e50400c914af4933a5c09f5",
    "clips-unassigned": "e1766928434c483099275e9e746402f0",
    "clips-quarantined": "6959d81522f549a2aa45b794caf91a92",
    "clips-recalled": "4fda9317dbd145bca9199a98eecf4544",
    "clips-refused": "cb2ccea0ad094625a334e77ca09173a2",
    "clips-parked": "91ec28d64bfc452799bfa6a2944ed76a",
    "destination-unreachable": "73fb90713b10414cb20ef85a6b4cb28c",
    "destination-denied": "4cc5806112ac4f7f82f89c6601bf0441",
    "destination-proves-nothing": "c0d76e8ddaac4ab08c33de6a9d8e14fe",
    "documents-refused": "8f59f67439e54e5485a14a8a8157e128",
    "queue-old": "28088d59031246b095f8939619267be8",
    "spool-full": "f62a55c416384ceda4d5abf7667da273",
    "disk-failed": "51bec28b82ff4e1aac8def8050167136",
    "erase-one-disk": "b83c783ab8e24e3b809fc9f2b6e352cd",
    "one-keeper": "abc152fd53844c1980f682fc303fc1cb",
    "disk-not-encrypted": "9074098118994ad597d5f94de2b6a217",
    "disk-encryption-unseen": "e2ced7f03408410bb4c399bd3ddfd179",
    "footage-near-limit": "0d6ad3bb610e4ee7a917938ac90d4e3b",
    "disposal-failed": "5ba4101d68454114bd7900bd440233cd",
    "disposal-waits": "42664dab56ed4c369732b21b286c2f1f",
    "footage-due": "d6f4242a292f46a28f114fe414590180",
    "consulted-due": "ac4a68a694c44dfab9057cf8ab41429c",
    "daemon-not-running": "2209d90d815745b28f2fc2b98b29c2c3",
    "paused": "8a68458340d54863bb5c9eceaa2e1c2f",
    "config-rejected": "5a361f56ff8f45fcbe977989fff527e0",
    "config-pending": "2bc9a59ff79d4fea88e86383917ae4b1",
    "dock-not-fit": "60db7a464f3a4397b918025d2df54524",
    "clock-not-synchronised": "1a46f618494b43f0936b5a420887bf7f",
    "mounter-unavailable": "22316b627bc14c00a5381786eb1593b8",
    "notify-failing": "2474f1842168419ab9b7471f3ed96111",
    "journal-lost": "448f3a1d2c7a44c5b4f1efc652faf207",
    "journal-damaged": "1617e00607d245e5bcd7a737ebc2d73b",
    "journal-full": "1ae3aaafe30d46ca8e5e051bc7a1ea09",
    "custody-failed": "dd0fd413bcf5462ab8ec2bb12e2b2dfb",
    "custody-not-verified": "4828efa889c74c0098889263f59e0b9c",
    "files-unaccounted": "c9623816d514413ea998884c720dca16",
    "checkpoints-not-signed": "333314b5cd7e4ba6bcfe9050c854498d",
    "signer-forgot": "7a605f9ff0ff43afbae1a4d05ade1047",
    "log-key-new": "384d99bac9b94c22b1b3a53360fb8471",
    "journal-not-as-witnessed": "dffe215167334d778c8c7cc1170ca503",
    "witness-silent": "c8c73666ae3c475db69fc75d73c0c026",
    "checkpoints-not-stamped": "0703e456710c49ebae96ce8b0cdb62be",
    "copy-lost": "1baa879747844471a58f59e8c6045ba6",
    "copies-not-asked": "37e1997e0f3d42fa89ca42dd7f15581f",
    "hold-review": "ee0110f3abb84545b373cfaba7cf1afa",
    "request-due": "517420deb2c1473eb24d6e31186b299d",
    "journal-ended": "358e53c5fdcc40a5aa1398ce93d2e7da",
    "backup-old": "d01bcf9de7284c659b54156c4d24701a",
}

FACTS: Mapping[str, str] = CAMERA_FACTS | {
    "clip_found": "cdfd3e4549f84b26abb8b08515e8f1e6",
    "copy_intended": "c13029b1a6ca436da52df4142addfc9f",
    "clip_acquired": "5a61a6b5e411425b8cc00e147db1d0a9",
    "clip_uploaded": "f4156ee545aa4c63a61bb50b52f05084",
    "clip_verified": "2fb8f8535bf543f5b3def6c85cae2d6b",
    "clip_described": "46f99f476dab47e290578e770b6f0505",
    "document_refused": "b02e60b674e64d2dafd646c4405dafa8",
    "delivery_refused": "adde2172efff4c7b87e4ce6d8ed6b460",
    "delivery_resumed": "a0610c92962d43b5939a50e58417a4f1",
    "clip_dated": "7be088226a804e5ba19d80242363794d",
    "clip_attributed": "8cb17f80e50b431585a01f37c768d23c",
    "clip_flagged": "6638024106b7430399e92b6e5a614b66",
    "clip_unflagged": "25d50e59768b4684b56e700b24f27636",
    "clip_held": "797a9706fc3049a191d643727777772b",
    "clip_hold_matched": "9cce1a53410844a1b72af23452c20470",
    "clip_hold_over": "f7a2313d60934d86960cd684604f262b",
    "clip_hold_excepted": "3442a9b156144149bcc30e88c70ad0a7",
    "clip_hurried": "905d3563d46244e580b26f67272020fb",
    "clip_matched": "5d9eab59faed431b840dd1d1287c843a",
    "clip_unheld": "fb3739e888f44a67b5f9259864f37a56",
    "clip_classified": "54d977fae83b4251976849189c0183f5",
    "disposal_noticed": "c25cf217e4184102a60408d85ae65ddf",
    "disposal_intended": "2b81ff2589c34f6d89358619ecb62925",
    "copy_withdrawn": "8937516eea12417a9f6f591e684aa053",
    "restore_intended": "3e423994062d4b788409b42bce6d16d5",
    "clip_restored": "7d5575f69c994ce79635731b6a4dca9d",
    "clip_disposed": "c8eac519d7554ed2a090af17bd2ea13e",
    "release_intended": "439e44afb55b451c8f442e4c82fb3ee6",
    "clip_released": "f6b7ca534db1408dac6516cc8c3aa1e4",
    "clip_retired": "15ce2b9ea13c4749b9b67f1ff429cc87",
    "clip_quarantined": "25dd06d184aa497b942fba3ea45f1b2f",
    "clip_recalled": "c02eb567e8154041a354f37e414dc782",
    "clip_retried": "a911b5aba78745d8b67d2ef48b3d1762",
    "upload_attempts": "629d8d7d2f1b4998b22fa394bc12c713",
    "camera_digest_compared": "294ffe8612b44f618b92c2ab8ba04e4b",
    "verified_again": "ce86e99635c24e49a9692e20a94a7ee8",
    "verification_failed": "9b9050ae3e124dad8d402e85b3df43ce",
    "loss_closed": "9ff87e47fc2b4a48b06c10580e36384b",
    "clip_retrieved": "a80675d27127472ab7db8f6460c52402",
    "camera_attached": "ec0a874d6f7544348818266672558c3c",
    "camera_authorised": "7e620ba7f2c34decafafca1e7b34a6ab",
    "camera_refused": "84e2ed66446c4357b1d9bfe8f32a85f4",
    "unlock_intended": "dceb1491847b438781d0d27649a655d5",
    "unlock_ended": "3dc5e0f5a4984e04bfd00f9e33bacf79",
    "camera_identified": "ad068ee292b64d03aeb269a434a3d2ad",
    "camera_clock_read": "ecd310070f2849568dba797dfecbfd00",
    "camera_listed": "a9a9108b142e4f9d9a2e7baf2cfc4280",
    "camera_relisted": "aa2798d67dfd40f8917a95e7ed54c241",
    "files_left": "d00af533f7b04e3fb219da2d475c9410",
    "clip_skipped": "4c50fb9e38a54405bfde973df3bfdcfa",
    "camera_settled": "7e84f3d21b4c4974b386747545d6ed90",
    "camera_detached": "f7433668fad84b8fb102ac7ca0f87517",
    "dock_started": "6157f7abeb234625a554a2eacd0f4cf3",
    "dock_initialised": "82741c2dc4c141fc909e253137cc399e",
    "dock_checked": "288f6f0c118d4e95a216218a8b26e590",
    "dock_clock_seen": "82b7bef2e983472cac4af6b29785c9bd",
    "dock_stopped": "e7ecfa80c5d84e539379813f1d0bf2c2",
    "dock_paused": "c77981f0722d49ceb5293a6f81f7c5cb",
    "dock_resumed": "0d41be29c0654b208fcc5c5170f8af20",
    "camera_enrolled": "0b8d78b1334541cdbc0f10aa5b3595a0",
    "camera_revoked": "108342090e974156a98f600e6ef5681d",
    "refusals_counted": "2a8c184fc1c64fb1b2ada3a2a894c86c",
    "destination_assessed": "5454fe7157b740ceac44dca2cd762b0b",
    "camera_assigned": "92fce7db548446448feafa7ed8b61f94",
    "footage_consulted": "4129ee6e2aee44778b7413371f6183bb",
    "footage_exported": "a3cae27bbe014d0daa681a4428513cb8",
    "footage_disclosed": "4734ca5170774ab8bfd830a4fd7dfe1e",
    "sample_drawn": "07e3a5f2943f45289d87864decd68b24",
    "hold_opened": "2ff41f2f9af24c7d8241827acf0a2968",
    "hold_ended": "13595759c79d42e0a4001feb95ef8663",
    "request_opened": "06300a9032064a66afec27ed7cf96153",
    "request_corrected": "a638ffe5844c47a8b0f8fee5d9ac2bb8",
    "request_closed": "fb527930db94487abed7b0de9db85da9",
    "config_reloaded": "a2578f595d994208ab4f571c00437073",
    "unclean_start": "a9d9919bb59c492e9ced28568a5b8460",
    "store_lost": "d747f91196904f68a02ce42ba060cbb9",
    "store_back": "78f7395c55f84437a0317ac8be141acb",
    "values_erased": "4ab6fdec1a634074bc20962dc10386ae",
    "journal_verified": "f3aae8b015ee47e28c8c5c89ff5cbee5",
    "journal_not_as_witnessed": "60f88358a0144092b152661824770268",
    "journal_as_witnessed": "fcfb598cca104120becd478ba9f82cbd",
    "journal_succeeded": "11bb4a3df072478c8aa591eb750d3c6a",
    "log_key_new": "2489580fe81e4dae99aeb30d7b0c1cfa",
    "signer_forgot": "5b4acb9063b34f38bc0936183f1a7e24",
    "event_recorded": "a7c543953dc34b9d87684d0aba63d8fc",
    "events_matched": "00089391c8a74d2fb80e5b19cd4b46c7",
    "backup_made": "f4256be269c54fb3ad0d7e08afbbc208",
    "journal_taken_up": "66edc98b8aa44e299fe1b124f5da0a8d",
    "copies_asked": "68a78364d852488ea5d49bef90955342",
    "copies_drawn": "0b05a11eaeb84521a7c5f79b0d3ea19a",
}
