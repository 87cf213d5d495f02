import asyncio


class Client:
    async def fetch(self):
        """### Fetch"""
        async with self as session:
            # Wait
            await session
        async for x in self:
            yield x

    @staticmethod
    async def nested():
        async def inner():
            # In the inner one
            await asyncio.sleep(0)
        return await inner()
