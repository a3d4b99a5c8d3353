from bots.channels.services import create_channel
from bots.channels.wechat.kind import WeChatKind
def test_create(owner):
    c = create_channel(actor=owner, kind="wechat", name="茶庄", values={"app_id":"wx0123456789abcdef","app_secret":"a"*32})
    print(c, WeChatKind().connection(c))
